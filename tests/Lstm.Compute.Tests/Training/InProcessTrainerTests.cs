using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

public class InProcessTrainerTests
{
    const int Steps = 6, Rows = 5, Vocabulary = 7;

    static readonly int[] s_tokens = new Draw(1).Integers(Steps * Rows, 0, Vocabulary);
    static readonly int[] s_classes = new Draw(2).Integers(Steps * Rows, -1, Vocabulary);
    static readonly int[] s_lengths = [6, 2, 0, 5, 6];

    /// <summary>The step of the trainer written out: runs of the shards, the tree, the average, the clipping, the optimizer.</summary>
    [Fact]
    public void A_step_is_that_of_the_distributed_trainer_bit_for_bit()
    {
        const double limit = 0.05, rate = 0.01;
        var model = Model(dropout: 0.3f);
        using var device = CpuDevice.Create();
        using var network = new Network(model, seed: 3, device);
        using var trainer = new InProcessTrainer(network, new Adam(), rate) { ClipNorm = limit, Shards = 2, Seed = 9 };
        using var operands = new Operands(device, Placement.BetweenNotNumbers);
        var initial = Weights(network);
        var weights = operands.Numbers("weights", Array.ConvertAll(initial, x => (double)x));
        var (gradient, other) = (operands.Unwritten("gradient", initial.Length), operands.Unwritten("other", initial.Length));
        var moments = new[] { operands.Numbers("first", new double[initial.Length]), operands.Numbers("second", new double[initial.Length]) };

        // Each shard by itself, as two workers would.
        var targets = 0;
        foreach (var (shard, first, count, target) in new[] { (0, 0, 2, gradient), (1, 2, 3, other) })
        {
            using var prepared = new ModelWeights(model, device, training: true);
            using var run = new SequenceRun(model, device);
            prepared.Load(weights);
            run.Load(new Batch
            {
                Shape = new(Steps, count),
                Tokens = Columns(s_tokens, first, count),
                Classes = Columns(s_classes, first, count),
                Lengths = s_lengths.AsSpan(first, count),
                Shards = [new ShardRows(shard, new(0, count))],
            });
            run.Forward(prepared, training: true, Philox.KeyOf(9, 1));
            run.Losses(new float[Steps * count]);
            run.Backward(prepared, [new GradientTarget(new(shard, 1), target)]);
            targets += run.CountTargets(new(0, count));
        }

        device.Add(gradient, other);
        var norm = Math.Sqrt(new GradientNorm(device, initial.Length).SumSquares(gradient)) / targets;
        device.Scale(gradient, (float)(GradientNorm.ClipFactor(limit, norm) / targets));
        new Adam().Apply(device, 1, rate, 1f, gradient, weights, moments, weights);

        var step = trainer.Step(Batch());
        (step.Targets, step.GradientNorm, step.Rate).ShouldBe((targets, norm, rate));
        norm.ShouldBeGreaterThan(limit);
        Weights(network).ShouldBe(operands.Read(weights).Select(x => (float)x));
    }

    [Fact]
    public void Once_warm_a_step_allocates_nothing()
    {
        using var network = new Network(Model(dropout: 0.3f), seed: 3);
        var rule = new UpdateRule(new Adam(), ParameterRates.Of(network.Model.Parameters, new Dictionary<string, double> { ["head"] = 0.5 }), new WeightAverage(0.9));
        using var trainer = new InProcessTrainer(network, rule, 0.01) { ClipNorm = 1, Shards = 3, CarryState = true };
        for (var warmUp = 0; warmUp < 50; warmUp++)
            trainer.Step(Batch());
        var before = GC.GetAllocatedBytesForCurrentThread();
        trainer.Step(Batch());
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void A_carried_state_goes_on_where_the_last_batch_ended()
    {
        using var network = new Network(Model(), seed: 3);
        using var trainer = new InProcessTrainer(network, new Sgd(), rate: 1e-30) { CarryState = true };
        using var afresh = new InProcessTrainer(network, new Sgd(), rate: 1e-30);
        var first = trainer.Step(Even());
        var second = trainer.Step(Even());
        second.Loss.ShouldNotBe(first.Loss);
        afresh.Step(Even()).Loss.ShouldBe(first.Loss);

        // Two batches in a row are one of twice the length.
        network.Evaluate(new Batch { Shape = new(2 * Steps, Rows), Tokens = (int[])[.. s_tokens, .. s_tokens], Classes = (int[])[.. s_classes, .. s_classes] })
            .Loss.ShouldBe(first.Loss + second.Loss, 1e-9);
        trainer.ResetState();
        trainer.Step(Even()).Loss.ShouldBe(first.Loss);
        Should.Throw<ArgumentException>(() => trainer.Step(new Batch { Shape = new(1, 2), Tokens = [1, 2], Classes = [1, 2] })).Message.ShouldContain("2 rows");
    }

    [Fact]
    public void A_step_that_cannot_be_made_leaves_the_weights()
    {
        using var network = new Network(Model(), seed: 3);
        using var trainer = new InProcessTrainer(network, new Adam(), rate: 0.1);
        var before = Weights(network);
        Should.Throw<InvalidOperationException>(() => trainer.Step(new Batch { Shape = new(Steps, Rows), Tokens = s_tokens }));
        Should.Throw<ArgumentException>(() => trainer.Step(new Batch { Shape = new(1, 2), Tokens = [1, 2], Classes = [-1, -1] })).Message.ShouldContain("target");
        Should.Throw<ArgumentException>(() => trainer.Step(new Batch { Shape = new(1, 2), Tokens = [1, 2], Classes = [0, 0], Shards = [new(4, new(0, 2))] })).Message.ShouldContain("shard 4");
        network.WriteWeights(Array.ConvertAll(before, _ => float.NaN));
        Should.Throw<ArithmeticException>(() => trainer.Step(Even()));
        network.WriteWeights(before);
        Weights(network).ShouldBe(before);
        trainer.Steps.ShouldBe(0);
        Should.Throw<ArgumentOutOfRangeException>(() => new InProcessTrainer(network, new Adam(), rate: 0));
        Should.Throw<InvalidOperationException>(() => trainer.ReadAverage(new float[before.Length]));
    }

    [Fact]
    public void More_shards_than_rows_are_as_many_as_rows()
    {
        float[] WeightsWith(int shards)
        {
            using var network = new Network(Model(), seed: 3);
            using var trainer = new InProcessTrainer(network, new Adam(), rate: 0.01) { Shards = shards };
            trainer.Step(Batch());
            return Weights(network);
        }

        WeightsWith(99).ShouldBe(WeightsWith(Rows));
    }

    static Batch Even() => new() { Shape = new(Steps, Rows), Tokens = s_tokens, Classes = s_classes };

    static Batch Batch() => new() { Shape = new(Steps, Rows), Tokens = s_tokens, Classes = s_classes, Lengths = s_lengths };

    static SequenceModel Model(float dropout = 0) => SequenceModel.LanguageModel(Vocabulary, 4, [5, 6], dropout);

    static float[] Weights(Network network)
    {
        var weights = new float[network.Model.Parameters.Length];
        network.ReadWeights(weights);
        return weights;
    }

    static int[] Columns(int[] whole, int first, int count) =>
        [.. Enumerable.Range(0, Steps).SelectMany(step => whole.Skip((step * Rows) + first).Take(count))];
}
