using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Compute;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Worker.Tests;

public class ShardComputerTests
{
    const int Shards = 7;

    [Fact]
    public void However_shards_are_spread_over_computers_the_bits_are_those_of_one() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 3), Shards).ToArbitrary(), computerOf =>
        {
            using var training = new Training(Shards);
            var weights = training.Weights();
            var whole = Compute(training, weights, [Enumerable.Range(0, Shards)]);
            var spread = Compute(training, weights, Enumerable.Range(0, 4).Select(computer => Enumerable.Range(0, Shards).Where(shard => computerOf[shard] == computer)));
            spread.ShouldHaveTheBitsOf(whole);
            var root = new ShardTree(Shards).Root;
            Computed.Bits(spread.Sum(root)).ShouldBe(Computed.Bits(whole.Gradients[root]));
            whole.Gradients[root].ShouldContain(value => value != 0);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void In_whatever_pieces_a_gradient_is_handed_out_it_has_the_same_bits() =>
        Prop.ForAll(Gen.Choose(1, 700).ToArbitrary(), length =>
        {
            using var training = new Training(Shards);
            var weights = training.Weights();
            int[][] spread = [[0, 1, 2], [3, 5, 6], [4]];
            var (whole, pieces) = (Compute(training, weights, spread), Compute(training, weights, spread, pieceLength: length));
            pieces.Gradients.Keys.ShouldBe(whole.Gradients.Keys, ignoreOrder: true);
            foreach (var (node, gradient) in whole.Gradients) Computed.Bits(pieces.Gradients[node]).ShouldBe(Computed.Bits(gradient));
            training.Pool.Rented.ShouldBe(1, "only the weights are left");
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Pieces_leave_before_the_pass_is_over_the_last_layers_first()
    {
        using var training = new Training(Shards);
        using var lease = training.Cache.Acquire(Training.Publish(training.Weights()));
        using var computer = training.Computer();
        var assignment = training.Assign([0, 1]);
        foreach (var result in computer.Forward(assignment, lease.Weights)) result.State!.Release();
        var parts = training.Model.Parts.Select(training.Model.Parameters.RangeOf).Where(range => range.Length > 0).ToArray();
        var order = new List<ParameterRange>();
        computer.Backward(lease.Weights, parts, piece =>
        {
            order.Add(piece.Slice);
            piece.Gradient.Release();
        });
        order.ShouldBe(parts.Reverse());
        assignment.Release();
    }

    [Fact]
    public void A_pass_that_fails_half_way_gives_everything_back_and_the_next_one_is_whole()
    {
        using var training = new Training(Shards);
        var weights = training.Weights();
        var expected = Compute(training, weights, [[0, 1, 2]]);
        using var lease = training.Cache.Acquire(Training.Publish(weights));
        using var computer = training.Computer();
        var pieces = training.Pieces(100);
        for (var failing = 1; failing <= pieces.Length; failing++)
        {
            var assignment = training.Assign([0, 1, 2]);
            foreach (var result in computer.Forward(assignment, lease.Weights)) result.State!.Release();
            var taken = 0;
            Should.Throw<InvalidOperationException>(() => computer.Backward(lease.Weights, pieces, piece =>
            {
                piece.Gradient.Release();
                if (++taken == failing) throw new InvalidOperationException("no room");
            })).Message.ShouldBe("no room");
            assignment.Release();
            training.Pool.Rented.ShouldBe(1, "only the weights are left");
        }

        var again = new Computed();
        var last = training.Assign([0, 1, 2]);
        again.Take(computer.Forward(last, lease.Weights));
        computer.Backward(lease.Weights, pieces, again.Take);
        last.Release();
        foreach (var (node, gradient) in expected.Gradients) Computed.Bits(again.Gradients[node]).ShouldBe(Computed.Bits(gradient));
    }

    [Fact]
    public void Dropout_belongs_to_seed_step_and_shard()
    {
        using var training = new Training(Shards);
        var weights = training.Weights();
        float[] GradientAt(long step) => Compute(training, weights, [[2]], Training.Step(step)).Gradients[new ShardRange(2, 1)];
        GradientAt(3).ShouldBe(GradientAt(3));
        GradientAt(4).ShouldNotBe(GradientAt(3));
    }

    [Fact]
    public void Carried_state_makes_two_runs_equal_to_one_longer_run() =>
        Prop.ForAll(Gen.Choose(1, 9).ToArbitrary(), cut =>
        {
            using var training = new Training(Shards, steps: 10);
            using var lease = training.Cache.Acquire(Training.Publish(training.Weights()));
            using var computer = training.Computer();
            var (whole, first, second) = (new Computed(), new Computed(), new Computed());
            void Run(Computed into, AssignShards assignment)
            {
                into.Take(computer.Forward(assignment, lease.Weights));
                assignment.Release();
            }

            int[] shards = [1, 3, 4];
            Run(whole, training.Assign(shards, Training.Evaluation(0)));
            Run(first, training.Assign(shards, Training.Evaluation(0), steps: cut));
            Run(second, training.Assign(shards, Training.Evaluation(0), state: shard => first.States[shard], first: cut, steps: 10 - cut));
            foreach (var shard in shards)
            {
                Computed.Bits(second.States[shard]).ShouldBe(Computed.Bits(whole.States[shard]));
                (first.Losses[shard].Loss + second.Losses[shard].Loss).ShouldBe(whole.Losses[shard].Loss, 1e-9);
                (first.Losses[shard].Tokens + second.Losses[shard].Tokens).ShouldBe(whole.Losses[shard].Tokens);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_computer_keeps_nothing_from_one_assignment_to_the_next()
    {
        using var training = new Training(Shards);
        using var lease = training.Cache.Acquire(Training.Publish(training.Weights()));
        using var used = training.Computer();
        var carrying = training.Assign([0, 1, 2, 3, 4, 5, 6]);
        var before = new Computed();
        before.Take(used.Forward(carrying, lease.Weights));
        used.Backward(lease.Weights, training.Whole, before.Take);
        carrying.Release();

        using var fresh = training.Computer();
        var (again, expected) = (new Computed(), new Computed());
        foreach (var (computer, into) in new[] { (used, again), (fresh, expected) })
        {
            var assignment = training.Assign([5], steps: 2);
            into.Take(computer.Forward(assignment, lease.Weights));
            computer.Backward(lease.Weights, training.Whole, into.Take);
            assignment.Release();
        }

        again.ShouldHaveTheBitsOf(expected);
        again.Gradients[new ShardRange(5, 1)].ShouldBe(expected.Gradients[new ShardRange(5, 1)]);
    }

    [Fact]
    public void Shards_of_different_lengths_are_refused()
    {
        using var training = new Training(Shards);
        using var lease = training.Cache.Acquire(Training.Publish(training.Weights()));
        using var computer = training.Computer();
        var (four, two) = (training.Assign([0]), training.Assign([1], steps: 2));
        Should.Throw<ArgumentException>(() => computer.Forward(four with { Shards = [.. four.Shards, .. two.Shards] }, lease.Weights));
        four.Release();
        two.Release();
    }

    [Fact]
    public void A_step_allocates_no_managed_memory_that_grows_with_model_or_batch()
    {
        var small = AllocatedByStep(rows: 2, units: [6, 7]);
        AllocatedByStep(rows: 2, units: [40, 50]).ShouldBe(small);
        AllocatedByStep(rows: 400, units: [6, 7]).ShouldBe(small);
    }

    static long AllocatedByStep(int rows, int[] units)
    {
        using var training = new Training(shards: 2, rows, steps: 3, units);
        using var lease = training.Cache.Acquire(Training.Publish(training.Weights()));
        using var computer = training.Computer();
        var assignment = training.Assign([0, 1]);
        var pieces = training.Whole;
        Action<GradientPiece> release = piece => piece.Gradient.Release();
        void Step()
        {
            foreach (var result in computer.Forward(assignment, lease.Weights)) result.State!.Release();
            computer.Backward(lease.Weights, pieces, release);
        }

        for (var warmUp = 0; warmUp < 100; warmUp++) Step();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Step();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        assignment.Release();
        return allocated;
    }

    static Computed Compute(
        Training training, LstmCluster.Actors.Payload<float> weights, IEnumerable<IEnumerable<int>> spread, Round? round = null, int pieceLength = int.MaxValue / 2)
    {
        var computed = new Computed();
        foreach (var shards in spread.Select(shards => shards.ToList()).Where(shards => shards.Count > 0))
        {
            using var lease = training.Cache.Acquire(Training.Publish(weights, (round ?? Training.Step(1)).Weights.Value));
            using var computer = training.Computer();
            var assignment = training.Assign(shards, round);
            computed.Take(computer.Forward(assignment, lease.Weights));
            computer.Backward(lease.Weights, training.Pieces(pieceLength), computed.Take);
            assignment.Release();
        }

        training.HeldReferences.ShouldBe(0);
        return computed;
    }
}
