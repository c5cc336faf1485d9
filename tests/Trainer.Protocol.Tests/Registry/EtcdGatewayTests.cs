using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Protocol;
using Conduct = Trainer.Protocol.Tests.FakeEtcd.Conduct;

namespace Trainer.Protocol.Tests;

/// <summary>What endpoints may do wrong, seen through a look at the entry.</summary>
public sealed class EtcdGatewayTests : IAsyncDisposable
{
    const string NotEtcd = "an answer that is not of etcd 3.4 or later";

    readonly RegistryRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    static string Record(long term) => $$"""{"term":"{{term}}","name":"alice","endpoint":"alice:4242"}""";

    public static TheoryData<string, string> WrongAnswers => new()
    {
        { "", NotEtcd },
        { "Not Found", NotEtcd },
        { "<html>", NotEtcd },
        { "{", NotEtcd },
        { "null", NotEtcd },
        { "[]", NotEtcd },
        { "{}", NotEtcd },
        { """{"header":null}""", NotEtcd },
        { """{"header":{"revision":"1"}}""", NotEtcd },
        { """{"header":{"revision":"x"},"responses":[]}""", NotEtcd },
        { """{"header":{"revision":"1"},"responses":null}""", NotEtcd },
        { """{"header":{"revision":"1"},"responses":[null,null]}""", NotEtcd },
        { """{"header":{"revision":"1"},"responses":[{"response_range":{}},{"response_put":{}}]}""", NotEtcd },
        { """{"header":{"revision":"1"},"responses":[{"response_range":{"kvs":null}},{"response_range":{}}]}""", NotEtcd },
        { """{"header":{"revision":"1"},"responses":[{"response_range":{"kvs":[{"key":"YQ=="}]}},{"response_range":{}}]}""", NotEtcd },
        { """{"header":{"revision":"1"},"responses":[{"response_range":{"kvs":[{"key":"%"}]}},{"response_range":{}}]}""", NotEtcd },
        { """{"header":{"revision":"1"},"responses":[{"response_range":{"kvs":[{}]}},{"response_range":{}}]}""", NotEtcd },
        { """{"error":"x"}""", NotEtcd },
        { """{"error":{"grpc_code":"x"}}""", NotEtcd },
        { """{"result":7}""", NotEtcd },
        { new string('[', 100_000), "an answer of more than 65536 bytes" },
        { new string('[', 10_000), NotEtcd },
        { """{"error":"etcdserver: request timed out","message":"etcdserver: request timed out","code":14}""", "etcdserver: request timed out" },
        { """{"error":{"grpc_code":14,"http_code":503,"message":"no leader","http_status":"Service Unavailable"}}""", "no leader" },
        { """{"code":4,"message":"context deadline exceeded","details":[]}""", "context deadline exceeded" },
        { """{"error":"x","code":8}""", "status 8" },
    };

    [Theory]
    [MemberData(nameof(WrongAnswers))]
    public async Task An_endpoint_that_answers_wrongly_is_passed_over(string answer, string expected)
    {
        _rig.Etcd.Put(RegistryRig.CoordinatorKey, Record(3));
        var status = answer.StartsWith("""{"code""", StringComparison.Ordinal) ? HttpStatusCode.GatewayTimeout : HttpStatusCode.OK;
        _rig.Etcd.Conducts(1, Conduct.Says(answer, status));

        (await _rig.Open("etcd://a:1,b:2/run").FindAsync().Soon())!.Term.ShouldBe(new Term(3));

        var alone = await Should.ThrowAsync<RegistryUnavailableException>(() => _rig.Open().FindAsync().Soon());
        alone.Message.ShouldBe($"etcd://a:1/run: a:1: {expected}");
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.Redirect)]
    public async Task What_is_no_answer_of_etcd_with_an_error_status_is_no_refusal(HttpStatusCode status)
    {
        _rig.Etcd.Conducts(Conduct.Says("""{"header":{"revision":"1"}}""", status));

        (await Should.ThrowAsync<RegistryUnavailableException>(() => _rig.Open().FindAsync().Soon())).Message.ShouldContain(NotEtcd);
    }

    [Theory]
    [InlineData(3, "etcdserver: user name is empty")]
    [InlineData(7, "etcdserver: permission denied")]
    [InlineData(16, "etcdserver: invalid auth token")]
    public async Task What_etcd_refuses_is_not_asked_of_another_endpoint(int code, string message)
    {
        _rig.Etcd.Conducts(Conduct.Says($$"""{"error":"{{message}}","message":"{{message}}","code":{{code}}}""", HttpStatusCode.BadRequest));
        var registry = _rig.Open("etcd://a:1,b:2/run");

        foreach (var refused in (Func<Task>[])[() => registry.FindAsync(), () => registry.CampaignAsync(RegistryRig.Candidate("alice")), () => registry.WaitForCoordinatorAsync(new Term(0))])
            (await Should.ThrowAsync<RegistryException>(() => refused().Soon())).Message.ShouldBe($"etcd://a:1,b:2/run: {message}");

        _rig.Etcd.Requests.ShouldAllBe(request => request.Port == 1);
    }

    [Fact]
    public async Task A_dead_endpoint_is_asked_once_and_then_left_alone()
    {
        _rig.Etcd.Conducts(1, Conduct.Dead);
        var registry = _rig.Open("etcd://a:1,b:2,c:3/run");

        for (var look = 0; look < 3; look++) await registry.FindAsync().Soon();

        _rig.Etcd.Requests.Select(request => request.Port).ShouldBe([1, 2, 2, 2]);
    }

    [Fact]
    public async Task A_silent_endpoint_costs_its_limit_once()
    {
        _rig.Etcd.Conducts(1, Conduct.Silent);
        var registry = _rig.Open("etcd://a:1,b:2/run");
        var look = registry.FindAsync();

        await _rig.Clock.PassAsync(500);
        await look.Soon();
        await registry.FindAsync().Soon();

        _rig.Etcd.Requests.Select(request => request.Port).ShouldBe([1, 2, 2]);
    }

    [Fact]
    public async Task When_no_endpoint_answers_the_error_says_what_each_did()
    {
        _rig.Etcd.Conducts(1, Conduct.Silent);
        _rig.Etcd.Conducts(2, Conduct.Dead);
        var look = _rig.Open("etcd://a:1,b:2/run").FindAsync();

        await _rig.Clock.PassAsync(500);

        (await Should.ThrowAsync<RegistryUnavailableException>(() => look.Soon())).Message.ShouldBe("etcd://a:1,b:2/run: a:1: no answer within 0.5 s; b:2: connection refused");
    }

    [Fact]
    public async Task Who_gives_up_does_not_wait_for_a_silent_endpoint()
    {
        _rig.Etcd.Conducts(Conduct.Silent);
        using var stop = new CancellationTokenSource();
        var look = _rig.Open().FindAsync(stop.Token);

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => look.Soon());
    }

    [Theory]
    [InlineData(RegistryRig.CoordinatorKey, "hello")]
    [InlineData(RegistryRig.CoordinatorKey, "{}")]
    [InlineData(RegistryRig.CoordinatorKey, "null")]
    [InlineData(RegistryRig.CoordinatorKey, """{"term":"0","name":"a","endpoint":"a:1"}""")]
    [InlineData(RegistryRig.CoordinatorKey, """{"term":"5","name":null,"endpoint":"a:1"}""")]
    public async Task An_entry_of_something_else_is_an_error_that_names_the_key(string key, string value)
    {
        _rig.Etcd.Put(key, value);

        (await Should.ThrowAsync<RegistryException>(() => _rig.Open().FindAsync().Soon())).Message.ShouldContain($"etcd's key {key} does not hold");
    }

    [Fact]
    public async Task A_term_of_something_else_is_an_error_that_names_the_key()
    {
        _rig.Etcd.Put(RegistryRig.TermKey, "seven");

        (await Should.ThrowAsync<RegistryException>(() => _rig.LeadAsync())).Message.ShouldContain($"etcd's key {RegistryRig.TermKey} does not hold");
    }

    /// <summary>A right answer with any of its bytes changed gives a record, none, or one of the two errors: nothing else ever comes out.</summary>
    [Fact]
    public void Damaged_answers_do_no_harm()
    {
        var right = """{"header":{"revision":"5"},"responses":[{"response_range":{"kvs":[{"key":"KEY","create_revision":"4","mod_revision":"4","value":"VALUE","lease":"7"}]}},{"response_range":{}}]}"""
            .Replace("KEY", Base64(RegistryRig.CoordinatorKey), StringComparison.Ordinal).Replace("VALUE", Base64(Record(3)), StringComparison.Ordinal);
        var registry = _rig.Open();
        var damages = Gen.NonEmptyListOf(Gen.Zip(Gen.Choose(0, right.Length - 1), Gen.Choose(1, 126))).ToArbitrary();
        Prop.ForAll(damages, damage =>
        {
            var answer = right.ToCharArray();
            foreach (var (place, character) in damage) answer[place] = (char)character;
            _rig.Etcd.Conducts(Conduct.Says(new string(answer)));
            try
            {
                registry.FindAsync().Soon().GetAwaiter().GetResult();
            }
            catch (RegistryException)
            {
                // One of the two.
            }
        }).QuickCheckThrowOnFailure();
    }

    static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
