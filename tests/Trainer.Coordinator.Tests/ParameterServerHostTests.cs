using LstmCluster.Actors;
using LstmCluster.Compute.Cpu;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>A process that keeps a part of the parameters, over a coordinator that a test plays.</summary>
public sealed class ParameterServerHostTests : IDisposable
{
    static readonly Job s_job = TinyJob.Of(5);

    readonly SimulatedRuntime _runtime = new(seed: 2);
    readonly PayloadPool _pool = new();
    readonly List<Message> _heard = [];
    readonly List<HostEnd> _ends = [];
    readonly TermGate _terms = new();
    readonly ActorRef _coordinator;
    ActorRef? _host;

    public ParameterServerHostTests() => _coordinator = _runtime.Spawn("coordinator", () => new Listener(_heard));

    [Fact]
    public void It_offers_itself_again_and_again_until_it_is_given_a_part()
    {
        Start();
        _runtime.RunFor(TimeSpan.FromSeconds(30));
        var asked = _heard.OfType<AskForJob>().ToList();
        asked.Count.ShouldBeGreaterThan(10);
        asked.ShouldAllBe(ask => ask.Role == HostRole.ParameterServer && ask.Endpoint == "127.0.0.1:4243");
        Serve(term: 3);
        var before = _heard.OfType<AskForJob>().Count();
        _runtime.RunFor(TimeSpan.FromSeconds(30));
        _heard.OfType<AskForJob>().Count().ShouldBe(before);
    }

    [Fact]
    public void A_part_that_is_given_twice_is_kept_once_and_said_twice()
    {
        Start();
        Serve(term: 3);
        Serve(term: 3);
        var served = _heard.OfType<ParametersServed>().ToList();
        served.Count.ShouldBe(2);
        served[1].ShouldBe(served[0]);
        (served[0].Host, served[0].Term).ShouldBe((_host, new Term(3)));
    }

    [Fact]
    public void What_it_keeps_is_a_parameter_server_of_that_term()
    {
        Start();
        Serve(term: 3);
        var server = _heard.OfType<ParametersServed>().Single().Server;
        _runtime.Send(server, new TakeSnapshot(new Step(0)) { Term = new Term(2) });
        _runtime.Send(server, new TakeSnapshot(new Step(0)) { Term = new Term(3) });
        _runtime.RunFor(TimeSpan.FromSeconds(1));
        var snapshot = _heard.OfType<SnapshotTaken>().ShouldHaveSingleItem();
        (snapshot.Term, snapshot.Slice.Offset).ShouldBe((new Term(3), 0));
        snapshot.Release();
    }

    [Fact]
    public void A_coordinator_of_an_older_term_is_left()
    {
        _terms.Admits(new Term(7));
        Start();
        Serve(term: 6);
        var end = _ends.ShouldHaveSingleItem();
        (end.Kind, end.Reason).ShouldBe((HostEndKind.Lost, "term 6 is over: term 7 has begun"));
        _heard.OfType<ParametersServed>().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false, HostEndKind.RunEnded)]
    [InlineData(true, HostEndKind.RunFailed)]
    public void It_ends_with_the_run(bool failed, HostEndKind kind)
    {
        Start();
        Serve(term: 3);
        _runtime.Send(_host!, new RunEnded("over", failed) { Term = new Term(2) });
        _runtime.RunFor(TimeSpan.FromSeconds(1));
        _ends.ShouldBeEmpty("another term's end is not its own");
        _runtime.Send(_host!, new RunEnded("over", failed) { Term = new Term(3) });
        _runtime.RunFor(TimeSpan.FromSeconds(1));
        _ends.ShouldBe([new HostEnd(kind, "over")]);
    }

    [Fact]
    public void It_is_lost_with_its_coordinator()
    {
        Start();
        Serve(term: 3);
        _runtime.Kill(_coordinator);
        _runtime.RunFor(TimeSpan.FromSeconds(1));
        _ends.ShouldHaveSingleItem().Kind.ShouldBe(HostEndKind.Lost);
    }

    [Fact]
    public void A_job_that_is_none_ends_the_host_and_nothing_else()
    {
        var random = new Random(5);
        for (var length = 0; length < 200; length += 7)
        {
            _ends.Clear();
            var bytes = new byte[length];
            random.NextBytes(bytes);
            Start();
            Serve(term: 3, bytes);
            _ends.ShouldHaveSingleItem().Kind.ShouldBeOneOf(HostEndKind.Lost, HostEndKind.Failed);
        }

        _heard.OfType<ParametersServed>().ShouldBeEmpty();
        _runtime.Failure.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void It_is_lost_with_its_parameter_server()
    {
        Start();
        Serve(term: 3);
        _runtime.Kill(_heard.OfType<ParametersServed>().Single().Server);
        _runtime.RunFor(TimeSpan.FromSeconds(1));
        _ends.ShouldHaveSingleItem().Reason.ShouldStartWith("the parameter server has ended");
    }

    public void Dispose()
    {
        _runtime.DisposeAsync().AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        _pool.Rented.ShouldBe(0, "whatever came is given back");
        _pool.Dispose();
    }

    void Start()
    {
        var start = new HostStart(_coordinator, _pool, _ends.Add) { Endpoint = "127.0.0.1:4243", Terms = _terms };
        _host = _runtime.Spawn("host", () => new ParameterServerHost(
            start, package => ModelMapping.Of(package.Job, DataEncoding.Parse(package.Encoding, package.Job)), CpuDevice.Create));
        _runtime.RunFor(TimeSpan.FromMilliseconds(10));
    }

    void Serve(long term, byte[]? job = null)
    {
        var data = TinyJob.Data(s_job);
        var parameters = ModelMapping.Of(s_job, data.Encoding).Parameters;
        var start = ParameterStart.Initial(UpdateMapping.Of(s_job.Training, parameters), parameters, s_job.Seed, _pool);
        var package = _pool.Copy<byte>(job ?? new JobPackage(s_job, data.Encoding.ToMetadata()).ToBytes());
        _runtime.Send(_host!, new ServeParameters(start.Slice, new Step(0), package, start.Weights, start.OptimizerState) { Term = new Term(term) });
        _runtime.RunFor(TimeSpan.FromMilliseconds(10));
    }

    sealed class Listener(List<Message> heard) : IActor
    {
        public ValueTask ReceiveAsync(Message message, IActorContext context)
        {
            heard.Add(message);
            return ValueTask.CompletedTask;
        }
    }
}
