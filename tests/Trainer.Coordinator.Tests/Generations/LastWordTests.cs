using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>Who hears that a run was given up.</summary>
public sealed class LastWordTests : IDisposable
{
    static readonly Term s_term = new(3);

    readonly SimulatedRuntime _runtime = new(seed: 1);
    readonly PayloadPool _pool = new();
    readonly Attendance _attendance = new();
    readonly List<Message> _keeperHeard = [];
    readonly List<HostEnd> _ends = [];

    public void Dispose()
    {
        _runtime.DisposeAsync().AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        _pool.Dispose();
    }

    [Fact]
    public void A_host_that_looks_for_the_coordinator_hears_that_the_run_has_failed_and_why()
    {
        _attendance.Came(new NamedRef("pc"));
        var lastWord = Say();
        _runtime.RunFor(TimeSpan.FromSeconds(1));
        _keeperHeard.ShouldBeEmpty("one is awaited");
        _runtime.Spawn("pc", () => new WorkerHost(
            new HostStart(lastWord, _pool, _ends.Add), new WorkerSlots("pc", [LstmCluster.Compute.Cpu.CpuDevice.Create]), _ => throw new InvalidOperationException("there is no job")));
        _runtime.RunFor(TimeSpan.FromSeconds(1));
        _ends.ShouldBe([new HostEnd(HostEndKind.RunFailed, "the run failed: no parameter server")]);
        _keeperHeard.ShouldHaveSingleItem().ShouldBeOfType<AllHaveHeard>();
    }

    [Fact]
    public void Where_nobody_took_part_nobody_is_waited_for()
    {
        Say();
        _runtime.RunFor(TimeSpan.FromMilliseconds(1));
        _keeperHeard.ShouldHaveSingleItem();
    }

    ActorRef Say()
    {
        var keeper = _runtime.Spawn("keeper", () => new Listener(_keeperHeard));
        return _runtime.Spawn("coordinator", () => new LastWord("no parameter server", s_term, _attendance, keeper));
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
