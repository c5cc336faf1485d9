using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;
using Record = LstmCluster.Training.Record;

namespace Trainer.Coordinator.Tests;

/// <summary>When a coordinator is started anew, from where, in which term, and what is told of it.</summary>
public sealed class RunKeeperTests : IDisposable
{
    readonly SimulatedRuntime _runtime = new(seed: 3);
    readonly FakeGenerations _generations = new();
    readonly List<TrainingEvent> _told = [];
    readonly List<TrainingEvent> _ends = [];
    readonly Attendance _attendance = new();
    readonly ActorRef _keeper;
    Func<long, Message> _nextTerm = last => new TermBegun(new Term(last + 1));

    public RunKeeperTests()
    {
        var recorder = _runtime.Spawn("recorder", () => new Recorder([new Observer(_told)], _ends.Add));
        _keeper = _runtime.Spawn("run", () => new RunKeeper(_generations, new Term(4), keeper => new FakeReign(this, keeper), recorder, _attendance), new ActorOptions { Supervision = Supervision.EscalateOnFailure });
        _runtime.RunUntilIdle();
    }

    [Fact]
    public void The_first_coordinator_begins_in_the_first_term()
    {
        _generations.Begun.ShouldBe([new Term(4)]);
        _told.ShouldBe([new Noticed("begins in term 4")]);
    }

    [Fact]
    public void A_lost_generation_is_followed_by_one_of_the_next_term_that_goes_on_from_the_newest_checkpoint()
    {
        Do(Step(1), Step(2));
        _generations.Start = 1;
        Do(new Break(new GenerationLostException("parameter-server is lost")));
        Do(Step(2), Step(3), new Record(Finished));

        _generations.Begun.ShouldBe([new Term(4), new Term(5)]);
        _generations.Released.ShouldBe(1);
        _told.Skip(1).ShouldBe([
            Step(1).Event, Step(2).Event, new RunRestarted(1, 5, "parameter-server is lost"), new Noticed("begins in term 5"), Step(2).Event, Step(3).Event, Finished,
        ]);
        _ends.ShouldBe([Finished]);
    }

    [Fact]
    public void A_coordinator_that_is_killed_is_followed_by_another()
    {
        _runtime.Kill(_generations.Living!);
        _runtime.RunUntilIdle();
        _generations.Begun.ShouldBe([new Term(4), new Term(5)]);
        _told.OfType<RunRestarted>().ShouldHaveSingleItem();
    }

    [Fact]
    public void A_run_that_does_no_step_five_times_in_a_row_fails_with_the_last_reason()
    {
        _generations.Newest = "checkpoints/step-00000001";
        for (var time = 1; time <= RunKeeper.MostFruitless; time++) Do(new Break(new GenerationLostException($"loss {time}")));
        var failed = _ends.ShouldHaveSingleItem().ShouldBeOfType<RunFailed>();
        failed.Reason.ShouldEndWith("loss 5");
        failed.Checkpoint.ShouldBe("checkpoints/step-00000001");
        _generations.Begun.Count.ShouldBe(RunKeeper.MostFruitless);
    }

    [Fact]
    public void A_run_that_is_given_up_tells_so_once_those_who_took_part_have_heard_it_or_had_the_time_to()
    {
        _attendance.Came(_runtime.Spawn("somebody", () => new FakeReign(this, _keeper)));
        for (var time = 1; time <= RunKeeper.MostFruitless; time++) Do(new Break(new GenerationLostException("gone")));
        _ends.ShouldHaveSingleItem().ShouldBeOfType<RunFailed>();
        _runtime.Elapsed.ShouldBeGreaterThan(Attendance.ReturnLimit);
    }

    [Fact]
    public void A_step_in_between_begins_the_count_anew()
    {
        for (var step = 1L; step <= 3; step++)
        {
            for (var time = 1; time < RunKeeper.MostFruitless; time++) Do(new Break(new GenerationLostException("gone")));
            Do(Step(step));
            _generations.Start = step;
        }

        _ends.ShouldBeEmpty();
        _generations.Begun.Count.ShouldBe(1 + (3 * (RunKeeper.MostFruitless - 1)));
    }

    [Fact]
    public void A_step_of_a_generation_that_is_gone_is_not_told()
    {
        Do(Step(1), Step(2), Step(3));
        _generations.Start = 1;
        Do(new Break(new GenerationLostException("gone")));
        Do(Step(4));
        _told.OfType<StepCompleted>().Select(step => step.Step).ShouldBe([1, 2, 3]);
        Do(Step(2));
        _told[^1].ShouldBe(Step(2).Event);
    }

    [Fact]
    public void A_stop_that_was_asked_for_is_said_to_the_next_coordinator_too()
    {
        _runtime.Send(_keeper, new StopTraining());
        _runtime.RunUntilIdle();
        Do(new Break(new GenerationLostException("gone")));
        _generations.Stops.ShouldBe([new Term(4), new Term(5)]);
    }

    [Fact]
    public void A_run_directory_that_cannot_be_read_for_a_moment_is_tried_again()
    {
        _generations.Failures.Enqueue(new IOException("stale handle"));
        _generations.Failures.Enqueue(new UnauthorizedAccessException("not yet"));
        Do(new Break(new GenerationLostException("gone")));
        _ends.ShouldBeEmpty();
        _generations.Living.ShouldNotBeNull();
        _told.OfType<RunRestarted>().ShouldHaveSingleItem().Reason.ShouldContain("not yet");
    }

    [Fact]
    public void A_term_that_cannot_be_begun_for_a_moment_is_asked_for_again()
    {
        var asked = 0;
        _nextTerm = last => asked++ < 2 ? new TermNotBegun("no space left") : new TermBegun(new Term(last + 7));
        Do(new Break(new GenerationLostException("gone")));
        _generations.Begun.ShouldBe([new Term(4), new Term(11)]);
    }

    [Fact]
    public void Whoever_is_deposed_stops_its_coordinator_and_starts_no_other()
    {
        Do(Step(1));
        _runtime.Send(_keeper, new Deposed("term 9 has begun"));
        _runtime.RunUntilIdle();
        _ends.ShouldBe([new RunDeposed(1, 4, "term 9 has begun")]);
        _generations.Living.ShouldBeNull();
        _generations.Begun.Count.ShouldBe(1);
        _generations.Released.ShouldBe(1);
    }

    [Fact]
    public void A_checkpointer_that_finds_a_higher_term_deposes_the_whole_process()
    {
        Do(new Break(new DeposedException("term 9 has begun")));
        _ends.ShouldBe([new RunDeposed(0, 4, "term 9 has begun")]);
        _generations.Begun.Count.ShouldBe(1);
    }

    [Fact]
    public void The_end_is_told_once_and_nothing_behind_it()
    {
        Do(new Record(Finished), new Record(Finished), new Record(new Noticed("late")));
        _runtime.Send(_keeper, new Deposed("late"));
        Do(new Break(new GenerationLostException("late")));
        _ends.ShouldBe([Finished]);
        _told[^1].ShouldBe(Finished);
        _generations.Begun.Count.ShouldBe(1);
    }

    [Fact]
    public void A_failure_that_nobody_foresaw_ends_the_run()
    {
        Do(new Break(new InvalidOperationException("a broken invariant")));
        _runtime.Failure.IsCompleted.ShouldBeTrue();
    }

    public void Dispose()
    {
        _runtime.DisposeAsync().AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        _generations.Released.ShouldBe(_generations.Begun.Count, "every generation is given back");
    }

    static RunFinished Finished => new(3, 1, 1, 1, 1, "abc", "run");

    static Record Step(long step) => new(new StepCompleted(step, 0, 1, 1, 1, 1, 1, 1, 1, 1));

    /// <summary>Has the coordinator do things: tell events, fail.</summary>
    void Do(params Message[] messages)
    {
        foreach (var message in messages)
        {
            if (_generations.Living is { } living) _runtime.Send(living, message);
            _runtime.RunUntilIdle();
        }
    }

    sealed record Break(Exception Failure) : Message;

    sealed class FakeGenerations : IGenerations
    {
        public List<Term> Begun { get; } = [];

        public List<Term> Stops { get; } = [];

        public Queue<Exception> Failures { get; } = [];

        public long Start { get; set; }

        public string? Newest { get; set; }

        public ActorRef? Living { get; set; }

        public int Released { get; private set; }

        public Generation Begin(Term term, ActorRef keeper)
        {
            if (Begun.Count > 0 && Failures.TryDequeue(out var failure)) throw failure;
            Begun.Add(term);
            return new Generation(new Step(Start), () => new FakeCoordinator(this, term, keeper), [new Noticed($"begins in {term}")], () => Released++);
        }

        public string? NewestCheckpoint() => Newest;
    }

    sealed class FakeCoordinator(FakeGenerations owner, Term term, ActorRef keeper) : IActor, IDisposable
    {
        public ValueTask StartedAsync(IActorContext context)
        {
            owner.Living.ShouldBeNull("one coordinator at a time");
            owner.Living = context.Self;
            return ValueTask.CompletedTask;
        }

        public ValueTask ReceiveAsync(Message message, IActorContext context)
        {
            switch (message)
            {
                case Break failing: throw failing.Failure;
                case StopTraining: owner.Stops.Add(term); break;
                default: context.Send(keeper, message); break;
            }

            return ValueTask.CompletedTask;
        }

        public void Dispose() => owner.Living = null;
    }

    sealed class FakeReign(RunKeeperTests test, ActorRef keeper) : IActor
    {
        public ValueTask ReceiveAsync(Message message, IActorContext context)
        {
            message.ShouldBeOfType<BeginTerm>();
            context.Send(keeper, test._nextTerm(test._generations.Begun[^1].Value));
            return ValueTask.CompletedTask;
        }
    }

    sealed class Observer(List<TrainingEvent> told) : ITrainingObserver
    {
        public void On(TrainingEvent happened) => told.Add(happened);
    }
}
