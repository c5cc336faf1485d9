using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Worker.Tests;

/// <summary>A process with two slots, beside a coordinator and two parameter servers that keep what they hear.</summary>
public sealed class WorkerHostTests : IDisposable
{
    readonly Training _training = new();
    readonly SimulatedRuntime _runtime = new(seed: 1);
    readonly Inbox _coordinator = new() { Welcomes = true };
    readonly Inbox[] _servers = [new(), new()];
    readonly ActorRef[] _serverAddresses;
    readonly ParameterRange[] _slices;
    readonly ActorRef _coordinatorAddress;
    readonly TermGate _terms = new();
    readonly List<HostEnd> _ends = [];
    ActorRef _host = null!;

    public WorkerHostTests()
    {
        _coordinator.Answer = static (message, context) =>
        {
            if (message is StopWorker stop) context.Stop(stop.Worker);
        };
        _coordinatorAddress = _runtime.Spawn("coordinator", () => _coordinator);
        _serverAddresses = [.. _servers.Select((server, index) => _runtime.Spawn($"server-{index}", () => server))];
        _slices = [new(0, 100), new(100, _training.Model.Parameters.Length - 100)];
    }

    [Fact]
    public void It_asks_for_the_job_until_it_is_answered_and_takes_two_answers_for_one()
    {
        Start();
        _runtime.RunFor(TimeSpan.FromSeconds(10));
        Heard<AskForJob>().Count.ShouldBeInRange(6, 8, "at once, after 0.25, 0.5 and 1 s, and then every 2 s");
        Heard<AskForJob>().ShouldAllBe(asked => asked.Host == _host && asked.Role == HostRole.Worker);
        Say(Offer(), Offer());
        _runtime.RunUntilIdle();
        Heard<WorkerJoined>().Select(joined => joined.Worker.Name).Order().ShouldBe(["pc.0", "pc.1"]);
        Heard<WorkerJoined>().ShouldAllBe(joined => joined.WeightsTo == _host && joined.Term == Training.Term);
        var asked = Heard<AskForJob>().Count;
        _runtime.RunFor(TimeSpan.FromMinutes(1));
        Heard<AskForJob>().Count.ShouldBe(asked);
        _ends.ShouldBeEmpty();
    }

    [Fact]
    public void It_does_not_wait_for_an_answer_for_ever()
    {
        Start();
        _runtime.RunUntil(() => _ends.Count > 0, TimeSpan.FromSeconds(31));
        _ends.ShouldHaveSingleItem().Kind.ShouldBe(HostEndKind.Lost);
    }

    [Fact]
    public void A_job_of_an_older_term_than_the_process_has_seen_is_not_taken()
    {
        _terms.Admits(Training.Term.Next).ShouldBeTrue();
        Start();
        Say(Offer());
        _runtime.RunUntil(() => _ends.Count > 0, TimeSpan.FromSeconds(1));
        var end = _ends.ShouldHaveSingleItem();
        (end.Kind, end.Reason).ShouldBe((HostEndKind.Lost, "term 5 is over: term 6 has begun"));
        Heard<WorkerJoined>().ShouldBeEmpty();
        _training.Pool.Rented.ShouldBe(0);
    }

    [Fact]
    public void A_job_that_is_none_ends_the_host_and_nothing_else()
    {
        var random = new Random(3);
        for (var length = 0; length < 200; length += 7)
        {
            _ends.Clear();
            var bytes = new byte[length];
            random.NextBytes(bytes);
            Start();
            var offer = Offer();
            offer.Release();
            Say(offer with { Job = _training.Pool.Copy<byte>(bytes) });
            _runtime.RunUntil(() => _ends.Count > 0, TimeSpan.FromSeconds(1));
            _ends.ShouldHaveSingleItem().Kind.ShouldBeOneOf(HostEndKind.Lost, HostEndKind.Failed);
        }

        _runtime.Failure.IsCompleted.ShouldBeFalse();
        _training.Pool.Rented.ShouldBe(0);
    }

    [Fact]
    public void A_coordinator_of_an_older_term_cannot_end_the_run()
    {
        _terms.Admits(Training.Term.Next);
        Start();
        Say(new RunEnded("all done") { Term = Training.Term });
        _runtime.RunUntil(() => _ends.Count > 0, TimeSpan.FromSeconds(1));
        _ends.ShouldHaveSingleItem().Kind.ShouldBe(HostEndKind.Lost);
    }

    [Fact]
    public void The_highest_term_outlives_the_host()
    {
        Start();
        Say(Offer());
        _runtime.RunFor(TimeSpan.Zero);
        _terms.Highest.ShouldBe(Training.Term);
        _terms.Admits(new Term(Training.Term.Value - 1)).ShouldBeFalse();
        _terms.Admits(Training.Term).ShouldBeTrue();
    }

    [Fact]
    public void What_is_said_in_another_term_is_not_passed_on()
    {
        Begin();
        Say(Part(_training.Weights(), 0) with { Term = Training.Term.Next }, new RunEnded("all done") { Term = Training.Term.Next });
        _runtime.RunFor(TimeSpan.FromSeconds(1));
        _ends.ShouldBeEmpty();
        _training.HeldReferences.ShouldBe(0);
    }

    [Fact]
    public void Weights_of_several_servers_are_put_together_once_for_all_workers()
    {
        Begin();
        var weights = _training.Weights();
        Say(Part(weights, 1), Part(weights, 0));
        Assign(0, [0, 1]);
        Assign(1, [2, 3, 4]);
        _runtime.RunUntilIdle();
        Heard<ShardsDone>().SelectMany(done => done.Results).Select(result => result.Shard).Order().ShouldBe([0, 1, 2, 3, 4]);
        _training.Pool.Rented.ShouldBe(1 + 1 + Heard<ShardsDone>().Sum(done => done.Results.Count) + Vectors(), "the test's weights, the process's, states and gradients");
    }

    [Fact]
    public void Weights_that_do_not_come_are_asked_for_by_the_host_where_they_are_missing()
    {
        Begin();
        var weights = _training.Weights();
        Say(Part(weights, 0));
        Assign(0, [0]);
        Assign(1, [1]);
        _runtime.RunFor(TimeSpan.FromMilliseconds(600));
        Asked(0).ShouldBeEmpty();
        Asked(1).ShouldHaveSingleItem("two workers wait, and it is asked once").ShouldBe(new AskForWeights(_host, new WeightVersion(0)) { Term = Training.Term });
        Say(Part(weights, 1));
        _runtime.RunUntilIdle();
        Heard<ShardsDone>().Count.ShouldBe(2);
    }

    [Fact]
    public void A_worker_that_has_missed_weights_gets_those_of_the_host()
    {
        Begin();
        var weights = _training.Weights();
        Say(Part(weights, 0), Part(weights, 1));
        _runtime.RunUntilIdle();

        // The one that was stopped begins anew, and the coordinator does not say that it has to be given weights.
        _runtime.Send(_coordinatorAddress, new StopWorker(Worker(0)));
        _runtime.RunFor(TimeSpan.FromSeconds(3));
        Assign(0, [0]);
        _runtime.RunFor(TimeSpan.FromSeconds(1));
        Heard<ShardsDone>().ShouldHaveSingleItem();
        _servers.ShouldAllBe(server => server.Messages.All(message => message is PushGradient));
    }

    [Fact]
    public void What_its_workers_compute_leaves_in_the_fewest_nodes()
    {
        Begin();
        var weights = _training.Weights();
        Say(Part(weights, 0), Part(weights, 1));
        Assign(0, [0, 1], host: [0, 1, 2, 3, 4]);
        Assign(1, [2, 3, 4], host: [0, 1, 2, 3, 4]);
        _runtime.RunUntilIdle();
        foreach (var server in _servers)
        {
            server.Messages.OfType<PushGradient>().Select(push => push.Node.ToString()).ShouldBe(["0-3", "4"], ignoreOrder: true);
            server.Messages.OfType<PushGradient>().ShouldAllBe(push => push.Term == Training.Term);
        }
    }

    [Fact]
    public void A_parameter_server_that_is_gone_ends_it_so_that_the_coordinator_is_looked_for_again()
    {
        Begin();
        _runtime.Kill(_serverAddresses[1]);
        _runtime.RunUntil(() => _ends.Count > 0, TimeSpan.FromSeconds(1));
        var end = _ends.ShouldHaveSingleItem();
        end.Kind.ShouldBe(HostEndKind.Lost);
        end.Reason.ShouldContain("server-1");
        _runtime.RunUntilIdle();
    }

    [Fact]
    public void A_run_that_ends_with_its_parameter_servers_has_ended()
    {
        Begin();
        _runtime.Kill(_serverAddresses[0]);
        _runtime.RunFor(TimeSpan.FromMilliseconds(100));
        Say(new RunEnded("all done") { Term = Training.Term });
        _runtime.RunUntil(() => _ends.Count > 0, TimeSpan.FromSeconds(1));
        _ends.ShouldHaveSingleItem().Kind.ShouldBe(HostEndKind.RunEnded);
    }

    [Fact]
    public void Word_of_the_end_that_comes_after_the_coordinator_has_stopped_still_counts()
    {
        Begin();
        _runtime.Send(_coordinatorAddress, new StopWorker(_coordinatorAddress));
        _runtime.RunFor(TimeSpan.FromMilliseconds(100));
        Say(new RunEnded("all done") { Term = Training.Term });
        _runtime.RunUntil(() => _ends.Count > 0, TimeSpan.FromSeconds(1));
        _ends.ShouldHaveSingleItem().Kind.ShouldBe(HostEndKind.RunEnded);
    }

    [Fact]
    public void A_coordinator_that_has_stopped_without_a_word_is_looked_for_again()
    {
        Begin();
        _runtime.Send(_coordinatorAddress, new StopWorker(_coordinatorAddress));
        _runtime.RunUntil(() => _ends.Count > 0, TimeSpan.FromSeconds(1));
        _ends.ShouldHaveSingleItem().Kind.ShouldBe(HostEndKind.Lost);
    }

    public void Dispose()
    {
        _runtime.DisposeAsync().AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        foreach (var inbox in _servers.Append(_coordinator)) inbox.Dispose();
        _training.HeldReferences.ShouldBe(0);
        _training.Dispose();
        _training.Pool.Rented.ShouldBe(0);
    }

    void Start() => _host = _runtime.Spawn("host", () => new WorkerHost(
        new HostStart(_coordinatorAddress, _training.Pool, _ends.Add) { Terms = _terms }, new WorkerSlots("pc", [CpuDevice.Create, CpuDevice.Create]), _ => _training.Model));

    void Begin()
    {
        Start();
        Say(Offer());
        _runtime.RunUntilIdle();
    }

    JobOffered Offer()
    {
        var job = JobReader.Parse($"name: tiny\ntask: language-model\ndata: {{ source: x }}\nmodel: {{ layers: [lstm: {{ units: 3 }}] }}\ntraining: {{ batch: {_training.Shards}, shards: {_training.Shards}, steps: 9 }}", "test");
        return new JobOffered(
            [.. _serverAddresses.Zip(_slices, (server, slice) => new ParameterServerAddress(server, slice))],
            _training.Pool.Copy<byte>(new JobPackage(job, new Dictionary<string, string>()).ToBytes()))
        { Term = Training.Term };
    }

    void Say(params ClusterMessage[] messages)
    {
        foreach (var message in messages) _runtime.Send(_host, message.Term == default ? message with { Term = Training.Term } : message);
    }

    void Assign(int worker, int[] shards, int[]? host = null) => _runtime.Send(
        Worker(worker), _training.Assign(shards, attempt: 1 + worker) with { HostShards = host ?? [], Term = Training.Term });

    WeightsPublished Part(Payload<float> weights, int index) =>
        new(new WeightVersion(0), _slices[index], weights.Slice(_slices[index].Offset, _slices[index].Length));

    ActorRef Worker(int index) => Heard<WorkerJoined>().Last(joined => joined.Worker.Name == $"pc.{index}").Worker;

    List<T> Heard<T>() => [.. _coordinator.Messages.OfType<T>()];

    List<AskForWeights> Asked(int server) => [.. _servers[server].Messages.OfType<AskForWeights>()];

    sealed record StopWorker(ActorRef Worker) : Message;

    /// <summary>Gradient vectors that the servers hold parts of: both parts of a node share one.</summary>
    int Vectors() => _servers[0].Messages.OfType<PushGradient>().Count();
}
