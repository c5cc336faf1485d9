using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>What the coordinator keeps of a round: who does what, what came back, what is carried on.</summary>
public sealed class RoundTests : IDisposable
{
    static readonly ActorRef s_a = new NamedRef("a"), s_b = new NamedRef("b");

    // Without reuse, so that a payload that was given back stays at zero references.
    readonly PayloadPool _pool = new(keepPerLength: 0);
    readonly RoundProgress _progress = new(new Round(WorkKind.Train, new Step(3), 0), 4, TimeSpan.FromSeconds(7));

    [Fact]
    public void Every_shard_goes_to_one_worker_in_runs_that_differ_by_one_at_most() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(bool[] Wanted, byte Workers, byte Except)>(), drawn =>
        {
            var workers = Enumerable.Range(0, 1 + (drawn.Workers % 12)).Select(index => (ActorRef)new NamedRef($"w{index}")).ToList();
            var roster = new Roster();
            foreach (var worker in workers) roster.Add(worker).ShouldBe(Arrival.New);
            var shards = Enumerable.Range(0, drawn.Wanted.Length).Where(shard => drawn.Wanted[shard]).ToList();
            var except = drawn.Except % 3 == 0 ? null : workers[drawn.Except % workers.Count];

            var spread = roster.Spread(shards, except).ToList();

            spread.SelectMany(part => part.Shards).ShouldBe(shards);
            spread.Select(part => part.Worker).ShouldBeUnique();
            if (workers.Count > 1) spread.ShouldAllBe(part => part.Worker != except);
            var hands = except is null || workers.Count == 1 ? workers.Count : workers.Count - 1;
            spread.ShouldAllBe(part => part.Shards.Count == shards.Count / hands || part.Shards.Count == (shards.Count / hands) + 1);
            spread.Count.ShouldBe(Math.Min(hands, shards.Count));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_roster_without_workers_spreads_nothing()
    {
        var roster = new Roster();
        roster.Add(s_a).ShouldBe(Arrival.New);
        roster.Add(s_a).ShouldBe(Arrival.Known);
        roster.Add(s_a, life: 7).ShouldBe(Arrival.Restarted);
        roster.Add(s_a).ShouldBe(Arrival.Known, "what it said before it was restarted comes late");
        roster.Remove(s_a, out _).ShouldBeTrue();
        roster.Remove(s_a, out _).ShouldBeFalse();
        roster.Spread([0, 1]).ShouldBeEmpty();
    }

    [Fact]
    public void Only_shards_that_are_assigned_once_more_count_as_reissued()
    {
        _progress.Assign([0, 1], s_a, TimeSpan.Zero);
        _progress.Assign([2, 3], s_b, TimeSpan.Zero);
        _progress.Reissued.ShouldBe(0);

        _progress.Assign(_progress.Abandon(s_b), s_a, TimeSpan.Zero);

        _progress.Reissued.ShouldBe(2);
    }

    [Fact]
    public void A_round_is_complete_when_every_shard_has_a_result()
    {
        _progress.Assign([0, 1], s_a, TimeSpan.Zero).Attempt.ShouldBe(1);
        _progress.Unassigned.ShouldBe([2, 3]);
        _progress.Assign([2, 3], s_b, TimeSpan.Zero).Attempt.ShouldBe(2);
        _progress.Unassigned.ShouldBeEmpty();
        _progress.IsComputing.ShouldBeTrue();
        foreach (var shard in new[] { 0, 1, 2 }) _progress.Accept(Result(shard), 1).ShouldBeTrue();
        _progress.Close(1, TimeSpan.Zero).ShouldNotBeNull().Worker.ShouldBe(s_a);
        (_progress.IsBusy(s_a), _progress.IsBusy(s_b)).ShouldBe((false, true));
        _progress.IsComplete.ShouldBeFalse();
        _progress.Accept(Result(3), 2).ShouldBeTrue();
        _progress.IsComplete.ShouldBeTrue();
        _progress.Close(2, TimeSpan.Zero).ShouldNotBeNull();
        _progress.Close(2, TimeSpan.Zero).ShouldBeNull("an answer may come twice");
        _progress.IsComputing.ShouldBeFalse();
        (_progress.Loss, _progress.Tokens).ShouldBe((0 + 1 + 2 + 3, 40));
        _progress.Results.Select(result => result.Shard).ShouldBe([0, 1, 2, 3]);
    }

    [Fact]
    public void A_shard_is_helped_out_with_until_its_result_is_there_and_again_when_its_gradient_is_missing()
    {
        _progress.Assign([0, 1, 2, 3], s_a, TimeSpan.Zero);
        _progress.IsWith(0, 1).ShouldBeTrue();
        _progress.Assign([0], s_b, TimeSpan.Zero);
        _progress.IsWith(0, 1).ShouldBeFalse("two compute it");
        _progress.IsWith(0, 2).ShouldBeTrue();
        _progress.Accept(Result(0), 2).ShouldBeTrue();
        _progress.Close(2, TimeSpan.Zero).ShouldNotBeNull();
        _progress.IsWith(0, 1).ShouldBeFalse("its result is there");
        _progress.IsComputingAgain.ShouldBeFalse();

        _progress.ComputeAgain([0]);
        _progress.Unassigned.ShouldBeEmpty("the slow one may still bring it");
        (_progress.IsWith(0, 1), _progress.IsComputingAgain).ShouldBe((true, true));
        _progress.Assign([0], s_b, TimeSpan.Zero);
        _progress.Close(3, TimeSpan.Zero).ShouldNotBeNull();
        (_progress.IsWith(0, 1), _progress.IsComputingAgain).ShouldBe((false, false));
        _progress.Release();
    }

    [Fact]
    public void Time_that_a_lost_message_cost_is_not_what_a_worker_takes_and_repetitions_stay_frequent()
    {
        var assignment = _progress.Assign([0], s_a, TimeSpan.FromSeconds(1));
        var said = new List<double>();
        for (var now = 1.0; now < 60; now += 0.5)
            if (assignment.IsRepeated(TimeSpan.FromSeconds(now), TimeSpan.FromSeconds(2)))
                said.Add(now);
        said.ShouldBe([3, 7, 15, 25, 35, 45, 55]);
        assignment.Duration(TimeSpan.FromSeconds(56)).ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_second_result_is_given_back()
    {
        foreach (var worker in new[] { s_a, s_b }) _progress.Assign([1], worker, TimeSpan.Zero);
        var (first, second) = (Result(1), Result(1));
        _progress.Accept(first, 1).ShouldBeTrue();
        _progress.Accept(second, 2).ShouldBeFalse();
        (first.State!.References, second.State!.References).ShouldBe((1, 0));
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(4, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 2)]
    public void An_answer_to_what_nobody_asked_does_not_count_and_is_released(int shard, int attempt)
    {
        _progress.Assign([0, 1, 2, 3], s_a, TimeSpan.Zero);
        var answer = Result(shard);
        _progress.Accept(answer, attempt).ShouldBeFalse();
        answer.State!.References.ShouldBe(0);
        _progress.Results.ShouldBeEmpty();
        _progress.Reject(shard, attempt).ShouldBe(Rejection.Meaningless);
    }

    [Fact]
    public void A_lost_worker_keeps_what_it_finished()
    {
        _progress.Assign([0, 1, 2], s_a, TimeSpan.Zero);
        _progress.Assign([3], s_b, TimeSpan.Zero);
        _progress.Accept(Result(1), 1);
        _progress.Abandon(s_a).ShouldBe([0, 2]);
        _progress.Unassigned.ShouldBe([0, 2]);
        _progress.Abandon(s_a).ShouldBeEmpty();
    }

    [Fact]
    public void A_rejected_result_is_given_back_and_computed_once_more()
    {
        _progress.Assign([0, 1, 2, 3], s_a, TimeSpan.Zero);
        var rejected = Result(2);
        _progress.Accept(rejected, 1);
        _progress.Reject(2, 1).ShouldBe(Rejection.Recompute);
        rejected.State!.References.ShouldBe(0);
        _progress.Unassigned.ShouldBe([2]);
        _progress.Reject(2, 1).ShouldBe(Rejection.KnownAlready);

        // The same attempt's result may come after its rejection; another attempt's counts.
        var late = Result(2);
        _progress.Accept(late, 1).ShouldBeFalse();
        late.State!.References.ShouldBe(0);
        _progress.Accept(Result(2), _progress.Assign([2], s_b, TimeSpan.Zero).Attempt).ShouldBeTrue();
        _progress.Reject(2, 2).ShouldBe(Rejection.SecondTime);
    }

    [Fact]
    public void A_round_that_is_given_up_gives_its_results_back()
    {
        var result = Result(0);
        _progress.Accept(result, 1);
        _progress.Release();
        result.State!.References.ShouldBe(0);
    }

    [Fact]
    public void Carried_states_own_one_reference_and_hand_out_more()
    {
        var (first, second, other) = (Payload(), Payload(), Payload());
        using (var states = new CarriedStates(3))
        {
            states.For(1).ShouldBeNull();
            states.Take([new ShardResult(1, 0, 0, first), new ShardResult(2, 0, 0, other)]);
            states.For(1).ShouldBeSameAs(first);
            first.References.ShouldBe(2);
            states.RetainAll().ShouldBe([null, first, other]);
            first.References.ShouldBe(3);

            states.Take([new ShardResult(1, 0, 0, second)]);
            (first.References, second.References).ShouldBe((2, 1));
            states.Reset();
            second.References.ShouldBe(0);
            states.All.ShouldAllBe(state => state == null);
            states.Set(0, other.Retain());
        }

        other.References.ShouldBe(1);
    }

    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(2, 1)]
    [InlineData(8, 0.25)]
    public void Clipping_by_norm_scales_only_what_is_above_the_limit(double norm, double scale)
    {
        Clipping.Scale(new ClipByNorm(2), norm).ShouldBe(scale, 1e-6);
        Clipping.ValueLimit(new ClipByNorm(2)).ShouldBeNull();
    }

    [Fact]
    public void Clipping_by_norm_of_nothing_scales_nothing() => Clipping.Scale(new ClipByNorm(2), 0).ShouldBe(1);

    [Fact]
    public void Other_clipping_does_not_scale()
    {
        Clipping.Scale(new ClipByValue(0.1), 100).ShouldBe(1);
        Clipping.ValueLimit(new ClipByValue(0.1)).ShouldBe(0.1);
        Clipping.Scale(new NoClip(), 100).ShouldBe(1);
        Clipping.ValueLimit(new NoClip()).ShouldBeNull();
    }

    [Fact]
    public void A_checkpoint_by_steps_is_due_at_each_multiple_and_stays_due_until_it_begins()
    {
        var clock = new RunClock(new CheckpointBySteps(10));
        clock.Start(new Step(25), TimeSpan.Zero);
        DueAt(29).ShouldBeFalse();
        DueAt(30).ShouldBeTrue();
        DueAt(33).ShouldBeTrue();
        clock.BeginCheckpoint(new Step(33), TimeSpan.Zero);
        DueAt(39).ShouldBeFalse();
        DueAt(40).ShouldBeTrue();
        bool DueAt(long step) => clock.IsCheckpointDue(new Step(step), TimeSpan.FromDays(step));
    }

    [Fact]
    public void A_checkpoint_by_time_is_due_when_the_time_has_passed_since_the_last()
    {
        var clock = new RunClock(new CheckpointByTime(TimeSpan.FromSeconds(30)));
        clock.Start(new Step(0), TimeSpan.FromSeconds(100));
        clock.IsCheckpointDue(new Step(1), TimeSpan.FromSeconds(129)).ShouldBeFalse();
        clock.IsCheckpointDue(new Step(1), TimeSpan.FromSeconds(130)).ShouldBeTrue();
        clock.BeginCheckpoint(new Step(1), TimeSpan.FromSeconds(135));
        clock.IsCheckpointDue(new Step(2), TimeSpan.FromSeconds(164)).ShouldBeFalse();
        clock.IsCheckpointDue(new Step(2), TimeSpan.FromSeconds(165)).ShouldBeTrue();
    }

    [Fact]
    public void Tokens_per_second_are_of_the_last_round_and_of_all()
    {
        var clock = new RunClock(new CheckpointBySteps(1));
        clock.TokensPerSecond.ShouldBe(0);
        clock.Start(new Step(0), TimeSpan.FromSeconds(5));
        clock.EndTraining(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(6), 100);
        clock.EndTraining(TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(11), 100);
        clock.LastTokensPerSecond.ShouldBe(100 / 3.0, 1e-9);
        clock.TokensPerSecond.ShouldBe(50);
        clock.SecondsSinceStart(TimeSpan.FromSeconds(11)).ShouldBe(6);
        clock.EndTraining(TimeSpan.FromSeconds(11), TimeSpan.FromSeconds(11), 100);
        clock.LastTokensPerSecond.ShouldBe(0);
    }

    public void Dispose() => _pool.Dispose();

    Payload<float> Payload() => _pool.Rent<float>(6);

    ShardResult Result(int shard) => new(shard, shard, 10, Payload());
}
