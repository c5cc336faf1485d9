using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Worker.Tests;

/// <summary>What a worker does about messages that do not come.</summary>
public sealed class RequestTests : IDisposable
{
    static readonly ParameterRange[] s_slices = [new(0, 100), new(100, 0)];

    readonly Training _training = new();
    readonly SimulatedRuntime _runtime = new(seed: 1);
    readonly Inbox _coordinator = new();
    readonly Inbox[] _servers = [new(), new()];
    readonly ActorRef _worker;
    readonly ParameterRange[] _slices;

    public RequestTests()
    {
        _slices = [s_slices[0], new(100, _training.Model.Parameters.Length - 100)];
        var coordinator = _runtime.Spawn("coordinator", () => _coordinator);
        var servers = _servers.Select((server, index) => new ParameterServerAddress(_runtime.Spawn($"server-{index}", () => server), _slices[index]));
        var run = new RunContact(coordinator, [.. servers], Training.Term);
        _worker = _runtime.Spawn("w0", () => new LstmCluster.Training.Worker(_training.Computer(), _training.Cache, run));
    }

    [Fact]
    public void It_joins_again_and_again_with_the_same_life_until_it_is_welcome()
    {
        _runtime.RunFor(TimeSpan.FromMilliseconds(800));
        Joined().Count.ShouldBe(3, "at once, after 250 ms, after 500 ms more");
        _runtime.RunFor(TimeSpan.FromSeconds(20));
        var before = Joined().Count;
        before.ShouldBeInRange(10, 14, "no more often than every 2 s, and never given up");
        Joined().Select(joined => joined.Life).Distinct().ShouldHaveSingleItem().ShouldNotBe(0);

        Say(new Welcome(_worker, Joined()[0].Life - 1));
        _runtime.RunFor(TimeSpan.FromSeconds(5));
        Joined().Count.ShouldBeGreaterThan(before, "another one is welcome");

        Say(new Welcome(_worker, Joined()[0].Life));
        _runtime.RunUntilIdle();
        before = Joined().Count;
        _runtime.RunFor(TimeSpan.FromMinutes(1));
        Joined().Count.ShouldBe(before);
    }

    [Fact]
    public void It_asks_the_servers_whose_part_of_the_weights_is_missing_until_it_comes()
    {
        var weights = _training.Weights();
        Say(Part(weights, 0));
        Say(_training.Assign([0]));
        _runtime.RunFor(TimeSpan.FromMilliseconds(499));
        Asked(1).ShouldBeEmpty();
        _runtime.RunFor(TimeSpan.FromMilliseconds(2));
        Asked(1).ShouldHaveSingleItem().ShouldBe(new AskForWeights(_worker, new WeightVersion(0)) { Term = Training.Term });
        _runtime.RunFor(TimeSpan.FromSeconds(60));
        Asked(1).Count.ShouldBeInRange(13, 17, "after 0.5, 1, 2, 4 s and then every 5 s");
        Asked(0).ShouldBeEmpty("its part is there");
        _coordinator.Messages.OfType<ShardsDone>().ShouldBeEmpty();

        Say(Part(weights, 1));
        Welcome();
        _runtime.RunUntilIdle();
        _coordinator.Messages.OfType<ShardsDone>().ShouldHaveSingleItem();
        _servers.Select(server => server.Messages.OfType<PushGradient>().Single().Slice).ShouldBe(_slices);
    }

    [Fact]
    public void It_asks_for_nothing_while_nothing_is_to_be_computed()
    {
        Welcome();
        _runtime.RunUntilIdle();
        Say(Part(_training.Weights(), 0));
        _runtime.RunFor(TimeSpan.FromMinutes(1));
        _servers.ShouldAllBe(server => server.Messages.Count == 0);
    }

    [Fact]
    public void It_asks_soon_for_the_next_weights_however_long_it_waited_for_the_last_ones()
    {
        Welcome();
        Say(_training.Assign([0]));
        _runtime.RunFor(TimeSpan.FromSeconds(30));
        var weights = _training.Weights();
        foreach (var index in new[] { 0, 1 }) Say(Part(weights, index));
        _runtime.RunUntilIdle();
        foreach (var server in _servers) server.Dispose();

        Say(_training.Assign([0], Training.Step(2)));
        _runtime.RunFor(TimeSpan.FromMilliseconds(501));
        Asked(0).ShouldHaveSingleItem().Version.ShouldBe(new WeightVersion(1));
    }

    public void Dispose()
    {
        _runtime.DisposeAsync().AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        foreach (var inbox in _servers.Append(_coordinator)) inbox.Dispose();
        _training.HeldReferences.ShouldBe(0);
        _training.Dispose();
        _training.Pool.Rented.ShouldBe(0);
    }

    void Say(ClusterMessage message) => _runtime.Send(_worker, message with { Term = Training.Term });

    void Welcome()
    {
        _runtime.RunFor(TimeSpan.Zero);
        Say(new Welcome(_worker, Joined()[0].Life));
    }

    WeightsPublished Part(Payload<float> weights, int index) =>
        new(new WeightVersion(0), _slices[index], weights.Slice(_slices[index].Offset, _slices[index].Length));

    List<WorkerJoined> Joined() => [.. _coordinator.Messages.OfType<WorkerJoined>()];

    List<AskForWeights> Asked(int server) => [.. _servers[server].Messages.OfType<AskForWeights>()];
}
