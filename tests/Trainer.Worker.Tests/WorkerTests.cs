using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Worker.Tests;

public sealed class WorkerTests : IDisposable
{
    readonly Training _training = new();
    readonly SimulatedRuntime _runtime = new(seed: 1);
    readonly Inbox _coordinator = new() { Welcomes = true };
    readonly Inbox _parameterServer = new();
    readonly ActorRef _worker;

    public WorkerTests()
    {
        var coordinator = _runtime.Spawn("coordinator", () => _coordinator);
        var parameterServer = _runtime.Spawn("parameter-server", () => _parameterServer);
        var run = new RunContact(coordinator, [new ParameterServerAddress(parameterServer, _training.Whole[0])], Training.Term);
        _worker = _runtime.Spawn(
            "w0", () => new LstmCluster.Training.Worker(_training.Computer(), _training.Cache, run),
            new ActorOptions { Supervision = Supervision.RestartOnFailure(3, TimeSpan.FromMinutes(1)) });
        _runtime.RunUntilIdle();
    }

    [Fact]
    public void It_joins_with_the_name_of_its_device()
    {
        var joined = _coordinator.Messages.ShouldHaveSingleItem().ShouldBeOfType<WorkerJoined>();
        joined.Worker.ShouldBe(_worker);
        joined.Device.ShouldNotBeEmpty();
    }

    [Fact]
    public void It_answers_a_step_with_results_for_its_shards_and_with_gradients_that_cover_them()
    {
        Tell(Training.Publish(_training.Weights()), _training.Assign([2, 3, 4], attempt: 9));
        var done = Done().ShouldHaveSingleItem();
        (done.Worker, done.Round, done.Attempt).ShouldBe((_worker, Training.Step(1), 9));
        done.Results.Select(result => result.Shard).ShouldBe([2, 3, 4]);
        done.Results.ShouldAllBe(result => result.Loss > 0 && result.Tokens == 8);
        Pushed().Select(push => push.Node.ToString()).ShouldBe(["2-3", "4"]);
        Pushed().ShouldAllBe(push => push.Worker == _worker && push.Step == new Step(1) && push.Attempt == 9);
    }

    [Fact]
    public void It_answers_an_evaluation_without_gradients()
    {
        Tell(Training.Publish(_training.Weights(), version: 5), _training.Assign([0, 1], Training.Evaluation(5)));
        Done().ShouldHaveSingleItem().Round.ShouldBe(Training.Evaluation(5));
        Pushed().ShouldBeEmpty();
    }

    [Fact]
    public void An_assignment_waits_for_its_weights()
    {
        var (old, current) = (_training.Weights(1), _training.Weights(2));
        Tell(_training.Assign([0], Training.Step(4)));
        Done().ShouldBeEmpty();
        Tell(Training.Publish(old, version: 2));
        Done().ShouldBeEmpty();
        Tell(Training.Publish(current, version: 3));
        Done().ShouldHaveSingleItem().Round.ShouldBe(Training.Step(4));
    }

    [Fact]
    public void An_evaluation_of_the_average_waits_for_it_and_training_goes_on_with_the_weights()
    {
        var (weights, average) = (_training.Weights(1), _training.Weights(2));
        var ofAverage = Training.Evaluation(5) with { Averaged = true };
        Tell(Training.Publish(weights, version: 5), _training.Assign([0], ofAverage));
        Done().ShouldBeEmpty();
        Tell(new WeightsPublished(new WeightVersion(5, Averaged: true), new ParameterRange(0, average.Length), average.Retain()));
        Tell(_training.Assign([0], Training.Evaluation(5)), _training.Assign([0], Training.Step(6)));

        Done().Select(done => done.Round).ShouldBe([ofAverage, Training.Evaluation(5), Training.Step(6)]);
        Done()[1].Results[0].Loss.ShouldNotBe(Done()[0].Results[0].Loss);
    }

    [Fact]
    public void An_average_goes_when_the_next_weights_come()
    {
        var average = _training.Weights(2);
        Tell(Training.Publish(_training.Weights(1), version: 5), new WeightsPublished(new WeightVersion(5, Averaged: true), new ParameterRange(0, average.Length), average.Retain()));
        Tell(Training.Publish(_training.Weights(3), version: 6));
        Tell(_training.Assign([0], Training.Evaluation(5) with { Averaged = true }), _training.Assign([0], Training.Step(7)));

        Done().ShouldHaveSingleItem().Round.ShouldBe(Training.Step(7));
    }

    [Fact]
    public void Several_assignments_of_a_round_that_wait_are_computed_in_their_order()
    {
        Tell(_training.Assign([0]), _training.Assign([1], attempt: 2), _training.Assign([2], attempt: 3));
        Tell(Training.Publish(_training.Weights()));
        Done().Select(done => done.Attempt).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void An_assignment_that_comes_twice_while_it_waits_is_computed_once_and_again_when_it_comes_after_its_answer()
    {
        Tell(_training.Assign([0]), _training.Assign([0]), _training.Assign([1], attempt: 2), _training.Assign([0]));
        Tell(Training.Publish(_training.Weights()));
        Done().Select(done => done.Attempt).ShouldBe([1, 2]);
        Tell(_training.Assign([0]));
        Done().Select(done => done.Attempt).ShouldBe([1, 2, 1]);
        Bits(Pushed()[2]).ShouldBe(Bits(Pushed()[0]));
        _training.HeldReferences.ShouldBe(Training.ReferencesInUse);
    }

    [Fact]
    public void Assignments_of_a_round_that_others_have_completed_are_dropped_before_they_are_computed()
    {
        Tell(Training.Publish(_training.Weights(1)));
        foreach (var message in new Message[]
        {
            _training.Assign([0]), Training.Publish(_training.Weights(2), version: 1), _training.Assign([0], Training.Step(2)), _training.Assign([1], attempt: 2),
        })
        {
            Say((ClusterMessage)message);
        }

        _runtime.RunUntilIdle();
        Done().ShouldHaveSingleItem().Round.ShouldBe(Training.Step(2));
        _training.HeldReferences.ShouldBe(Training.ReferencesInUse);
    }

    [Fact]
    public void An_assignment_whose_weights_are_gone_is_dropped_and_given_back()
    {
        Tell(Training.Publish(_training.Weights(), version: 3));
        Tell(_training.Assign([0, 1], Training.Step(2), state: _ => new float[_training.Rows * _training.Model.StateSize]));
        Done().ShouldBeEmpty();
        Pushed().ShouldBeEmpty();

        // The worker holds its weights, and nothing of the assignment.
        _training.HeldReferences.ShouldBe(Training.ReferencesInUse);
    }

    [Fact]
    public void Weights_that_are_not_newer_are_given_back_unused()
    {
        var (current, old) = (_training.Weights(1), _training.Weights(2));
        Tell(Training.Publish(current, version: 3), Training.Publish(old, version: 2), Training.Publish(old, version: 3));
        (current.References, old.References).ShouldBe((1 + Training.ReferencesInUse, 1));
    }

    [Fact]
    public void After_a_step_only_the_weights_are_held_and_each_answer_once()
    {
        Tell(Training.Publish(_training.Weights()), _training.Assign([0, 1, 2], state: _ => new float[_training.Rows * _training.Model.StateSize]));
        _training.HeldReferences.ShouldBe(Training.ReferencesInUse);
        Pushed().Select(push => push.Gradient.Singles!.References).ShouldAllBe(references => references == 1);
        Done().SelectMany(done => done.Results).Select(result => result.State!.References).ShouldAllBe(references => references == 1);
    }

    [Fact]
    public async Task A_worker_that_stops_gives_back_its_weights_and_what_waits()
    {
        Say(Training.Publish(_training.Weights()));
        Say(_training.Assign([0], Training.Step(7)));
        Say(_training.Assign([1], Training.Step(7), attempt: 2));
        _runtime.RunFor(TimeSpan.FromMilliseconds(1));
        _training.HeldReferences.ShouldBe(Training.ReferencesInUse + 4);
        await _runtime.DisposeAsync();
        _training.HeldReferences.ShouldBe(0);
    }

    [Fact]
    public void What_is_said_in_another_term_is_given_back_unheard()
    {
        Say(Training.Publish(_training.Weights()) with { Term = new Term(Training.Term.Value - 1) });
        Say(_training.Assign([0]) with { Term = new Term(Training.Term.Value + 1) });
        _runtime.RunUntilIdle();
        _training.HeldReferences.ShouldBe(0);
        Done().ShouldBeEmpty();
    }

    [Fact]
    public void All_that_it_says_is_of_its_term()
    {
        Tell(Training.Publish(_training.Weights()), _training.Assign([0, 1]));
        _coordinator.Messages.Concat(_parameterServer.Messages).ShouldAllBe(message => ((ClusterMessage)message).Term == Training.Term);
    }

    [Fact]
    public void A_worker_that_fails_gives_everything_back_and_joins_again()
    {
        var assignment = _training.Assign([0], Training.Step(1));
        assignment.Shards[0].Tokens!.Span[0] = -5;
        Tell(Training.Publish(_training.Weights()), assignment);
        _training.HeldReferences.ShouldBe(0);
        _coordinator.Messages.OfType<WorkerJoined>().Select(joined => joined.Life).Distinct().Count().ShouldBe(2, "a restart is no repetition");

        Tell(Training.Publish(_training.Weights()), _training.Assign([0]));
        Done().ShouldHaveSingleItem();
    }

    public void Dispose()
    {
        _runtime.DisposeAsync().AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        foreach (var message in _coordinator.Messages.Concat(_parameterServer.Messages)) message.Release();
        _training.Dispose();
    }

    void Say(ClusterMessage message) => _runtime.Send(_worker, message.Term == default ? message with { Term = Training.Term } : message);

    void Tell(params Message[] messages)
    {
        foreach (var message in messages) Say((ClusterMessage)message);

        // No time passes, so nothing is asked for again.
        _runtime.RunFor(TimeSpan.Zero);
    }

    List<ShardsDone> Done() => [.. _coordinator.Messages.OfType<ShardsDone>()];

    List<PushGradient> Pushed() => [.. _parameterServer.Messages.OfType<PushGradient>()];

    static int[] Bits(PushGradient push) => Computed.Bits(push.Gradient.Singles!.Span.ToArray());
}
