using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

public sealed class WorkTimesTests
{
    static readonly NamedRef s_fast = new("fast"), s_slow = new("slow"), s_idle = new("idle"), s_recorder = new("recorder");

    readonly Clock _clock = new();

    [Fact]
    public void Each_waits_for_the_last_one_and_all_for_the_parameter_servers()
    {
        var times = new WorkTimes(s_recorder);
        times.Answered(Done(s_fast, 2, compute: 1), Seconds(11.5));
        times.Answered(Done(s_slow, 1, compute: 4), Seconds(15));
        _clock.Elapsed = Seconds(16);
        times.Complete(new Step(7), started: Seconds(10), [s_fast, s_slow, s_idle], _clock);

        var work = _clock.Told.ShouldHaveSingleItem();
        (work.Step, work.Seconds).ShouldBe((7, 6));
        ShouldBe(work.Workers[0], "fast", 2, 1, ("slow", 3.5), ("parameter-server", 1.5));
        ShouldBe(work.Workers[1], "slow", 1, 4, ("parameter-server", 2));
        ShouldBe(work.Workers[2], "idle", 0, 0, ("no shards", 6));
        work.Workers.ShouldAllBe(worker => Math.Abs(worker.ComputeSeconds + worker.Waits.Sum(wait => wait.Seconds) - work.Seconds) < 1e-9);
    }

    [Fact]
    public void Shards_that_were_taken_over_count_for_who_computed_them()
    {
        var times = new WorkTimes(s_recorder);
        times.Answered(Done(s_slow, 2, compute: 1), Seconds(1));
        times.Answered(Done(s_slow, 2, compute: 2), Seconds(3));
        _clock.Elapsed = Seconds(3);
        times.Complete(new Step(1), started: Seconds(0), [s_slow], _clock);

        ShouldBe(_clock.Told[0].Workers.ShouldHaveSingleItem(), "slow", 4, 3);
    }

    [Fact]
    public void A_step_knows_nothing_of_the_one_before()
    {
        var times = new WorkTimes(s_recorder);
        times.Answered(Done(s_fast, 1, compute: 1), Seconds(1));
        times.Complete(new Step(1), started: Seconds(0), [s_fast], _clock);
        times.Complete(new Step(2), started: Seconds(0), [s_fast], _clock);

        _clock.Told[1].Workers[0].Waits.ShouldHaveSingleItem().On.ShouldBe(WorkerWait.NoShards);
    }

    [Fact]
    public void Nobody_is_told_when_nobody_asks()
    {
        var times = new WorkTimes(null);
        times.Answered(Done(s_fast, 1, compute: 1), Seconds(1));
        times.Complete(new Step(1), started: Seconds(0), [s_fast], _clock);

        _clock.Told.ShouldBeEmpty();
    }

    static void ShouldBe(WorkerWork work, string name, int shards, double compute, params (string On, double Seconds)[] waits)
    {
        (work.Worker, work.Shards, work.ComputeSeconds).ShouldBe((name, shards, compute));
        work.Waits.Select(wait => (wait.On, Math.Round(wait.Seconds, 9))).ShouldBe(waits);
    }

    static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    static ShardsDone Done(ActorRef worker, int shards, double compute) =>
        new(worker, new Round(WorkKind.Train, new Step(1), 0), 1, [.. Enumerable.Range(0, shards).Select(shard => new ShardResult(shard, 1, 1, null))], Seconds(compute));

    /// <summary>A context that has a time and remembers what the recorder is told.</summary>
    sealed class Clock : IActorContext
    {
        public TimeSpan Elapsed { get; set; }

        public List<StepWork> Told { get; } = [];

        public ActorRef Self => throw new NotSupportedException();

        public DateTimeOffset Now => throw new NotSupportedException();

        public Random Random => throw new NotSupportedException();

        public void Send(ActorRef target, Message message)
        {
            target.ShouldBe(s_recorder);
            Told.Add(message.ShouldBeOfType<RecordWork>().Work);
        }

        public IDisposable Schedule(TimeSpan delay, Message message) => throw new NotSupportedException();

        public void Watch(ActorRef actor) => throw new NotSupportedException();

        public ActorRef Spawn(string name, Func<IActor> create, ActorOptions? options = null) => throw new NotSupportedException();

        public void Stop(ActorRef actor) => throw new NotSupportedException();

        public ValueTask Unhandled(Message message) => throw new NotSupportedException();
    }
}
