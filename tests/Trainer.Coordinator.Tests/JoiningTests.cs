using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>Workers that come from elsewhere: who is waited for, who is told of the end, who is dropped.</summary>
public class JoiningTests
{
    const int Steps = 14;

    static readonly Lazy<string> Undisturbed = UndisturbedRun.Of(Steps);

    [Fact]
    public void The_first_step_waits_for_the_fewest_workers_asked_for()
    {
        using var training = Open(minWorkers: 2);
        training.Runtime.RunFor(TimeSpan.FromHours(1));
        training.Join("first");
        training.Runtime.RunFor(TimeSpan.FromHours(1));
        training.AppliedSteps.ShouldBe(0);
        training.Ended.ShouldBeNull("waiting for a person has no limit");
        training.Join("second");

        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);

        training.Events.OfType<StepCompleted>().ShouldAllBe(step => step.Workers == 2);
        training.FinalWeights.ShouldBe(Undisturbed.Value);
    }

    [Fact]
    public void A_run_that_loses_every_worker_waits_longer_than_any_shard_may_take_and_goes_on()
    {
        using var training = Open();
        training.Join("first");
        training.Runtime.RunUntil(() => training.AppliedSteps == 5, TimeSpan.FromMinutes(1));
        training.Runtime.Kill(training.Workers["first"]);
        training.Runtime.RunFor(TimeSpan.FromHours(1));
        training.Ended.ShouldBeNull();
        training.Events.OfType<Noticed>().ShouldContain(notice => notice.Message.Contains("waiting for others"));
        training.Join("second");

        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);

        training.FinalWeights.ShouldBe(Undisturbed.Value);
    }

    [Fact]
    public void A_run_that_waits_for_workers_stops_when_asked_to_wherever_the_last_one_was_lost()
    {
        for (var turns = 0; turns < 150; turns += 3)
        {
            using var training = Open();
            training.Join("first");
            training.Runtime.RunUntil(() => training.AppliedSteps == 3, TimeSpan.FromMinutes(1));
            for (var turn = 0; turn < turns % 50; turn++) training.Runtime.Step();
            if (turns >= 75) training.Runtime.Send(training.Coordinator, new StopTraining());
            training.Runtime.Kill(training.Workers["first"]);
            for (var turn = 0; turn < turns % 7; turn++) training.Runtime.Step();
            training.Runtime.Send(training.Coordinator, new StopTraining());

            var interrupted = training.RunToEnd().ShouldBeOfType<RunInterrupted>(training.Story);

            interrupted.Checkpointed.ShouldBeTrue();
            training.Checkpoints[^1].Step.ShouldBe(interrupted.Step);
        }
    }

    [Fact]
    public void Workers_of_a_host_share_one_subscription_and_end_with_the_run()
    {
        using var training = Open(minWorkers: 3);
        var ends = new List<HostEnd>();
        training.JoinAsHost("pc", slots: 3, ends.Add);

        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);
        training.Runtime.RunUntil(() => ends.Count > 0, TimeSpan.FromMinutes(1));

        ends.ShouldHaveSingleItem().Kind.ShouldBe(HostEndKind.RunEnded);
        training.Events.OfType<WorkerCame>().Select(came => came.Worker).Order().ShouldBe(["pc.0", "pc.1", "pc.2"]);
        training.Events[^1].ShouldBeOfType<RunFinished>("nothing is told behind the end");
        training.FinalWeights.ShouldBe(Undisturbed.Value);
    }

    [Fact]
    public void A_host_that_was_lost_shortly_before_the_end_and_comes_back_hears_of_it()
    {
        using var training = Open();
        var ends = new List<HostEnd>();
        training.Join("steady");
        LoseHost(training);
        training.Runtime.RunUntil(() => training.Events.OfType<Noticed>().Any(IsWaiting), TimeSpan.FromMinutes(1));
        training.Ended.ShouldBeNull();
        var before = training.Runtime.Elapsed;
        training.JoinAsHost("pc", slots: 1, ends.Add);

        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);

        ends.ShouldHaveSingleItem().Kind.ShouldBe(HostEndKind.RunEnded);
        (training.Runtime.Elapsed - before).ShouldBeLessThan(TimeSpan.FromSeconds(1));
        training.FinalWeights.ShouldBe(Undisturbed.Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_host_that_was_lost_and_does_not_come_back_is_waited_for_until_the_limit_or_a_signal(bool stops)
    {
        using var training = Open();
        training.Join("steady");
        LoseHost(training);
        var lost = training.Runtime.Elapsed;
        training.Runtime.RunUntil(() => training.Events.OfType<Noticed>().Any(IsWaiting), TimeSpan.FromMinutes(1));
        if (stops) training.Runtime.Send(training.Coordinator, new StopTraining());

        training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);

        var waited = training.Runtime.Elapsed - lost;
        if (stops) waited.ShouldBeLessThan(Attendance.ReturnLimit / 2);
        else waited.ShouldBeInRange(Attendance.ReturnLimit, Attendance.ReturnLimit + TimeSpan.FromSeconds(1));
        training.Events[^1].ShouldBeOfType<RunFinished>("nothing is told behind the end");
    }

    static bool IsWaiting(Noticed notice) => notice.Message.StartsWith("the run is over; waiting", StringComparison.Ordinal);

    static void LoseHost(SimulatedTraining training)
    {
        var host = training.JoinAsHost("pc", slots: 1, _ => { });
        training.Runtime.RunUntil(() => training.AppliedSteps == Steps - 4, TimeSpan.FromMinutes(1));
        training.Runtime.Kill(host);
    }

    [Fact]
    public void A_host_hears_that_the_coordinator_is_gone()
    {
        using var training = Open();
        var ends = new List<HostEnd>();
        training.JoinAsHost("pc", slots: 2, ends.Add);
        training.Runtime.RunUntil(() => training.AppliedSteps == 3, TimeSpan.FromMinutes(1));
        training.Runtime.Kill(training.Coordinator);

        training.Runtime.RunUntil(() => ends.Count > 0, TimeSpan.FromMinutes(1));

        ends.ShouldHaveSingleItem().Kind.ShouldBe(HostEndKind.Lost);
    }

    [Fact]
    public void A_worker_that_takes_no_more_messages_is_lost_and_nobody_else_notices()
    {
        var dropped = 0;
        for (var seed = 1UL; seed <= 20; seed++)
        {
            using var training = Open(seed: seed);
            training.Join("steady");
            training.Runtime.RunUntil(() => training.AppliedSteps == 2, TimeSpan.FromMinutes(1));
            training.Join("narrow", capacity: 1);

            training.RunToEnd().ShouldBeOfType<RunFinished>(training.Story);

            training.FinalWeights.ShouldBe(Undisturbed.Value);
            dropped += training.Events.OfType<WorkerWent>().Count(went => went.Worker == "narrow" && went.Reason!.Contains("does not keep up"));
        }

        dropped.ShouldBeGreaterThan(0);
    }

    static SimulatedTraining Open(int minWorkers = 1, ulong seed = 1) => new(
        TinyJob.Of(Steps), workers: 0, seed, plan: plan => plan with { MinWorkers = minWorkers, TakesRemoteWorkers = true });
}
