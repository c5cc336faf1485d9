using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

/// <summary>Rows of different lengths: each computes what it computes alone, bit for bit, and what stands beyond its end is nowhere.</summary>
public sealed class RaggedModelTests : IDisposable
{
    readonly CpuDevice _device = CpuDevice.Create();

    [Fact]
    public void Each_row_computes_what_it_computes_alone() => Prop.ForAll(Ragged(), choice =>
    {
        // A row a shard, so that each row's gradient can be seen.
        var chosen = new ModelCase(choice with { ShardRows = [.. choice.ShardRows.Select(_ => 1)] });
        var together = Run(chosen.Model, chosen.Batch, chosen.Parameters, chosen.MaskKey);
        for (var row = 0; row < chosen.Shape.Rows; row++)
        {
            if (chosen.Lengths[row] == 0)
            {
                together.Gradients[row].ShouldAllBe(x => x == 0);
                Steps(together.Losses, 1, row).ShouldAllBe(x => x == 0);
                continue;
            }

            var alone = Run(chosen.Model, chosen.Row(row).Batch, chosen.Parameters, chosen.MaskKey);
            var label = $"{choice}, row {row}";
            Steps(together.Losses, 1, row).Take(alone.Losses.Length).ShouldBe(alone.Losses, label);
            Steps(together.Losses, 1, row).Skip(alone.Losses.Length).ShouldAllBe(x => x == 0);
            Steps(together.Outputs, chosen.Model.Outputs, row).Take(alone.Outputs.Length).ShouldBe(alone.Outputs, label);
            together.States[row].ShouldBe(alone.States[0], label);
            together.Gradients[row].ShouldBe(alone.Gradients[0], label);
            together.Counts[row].ShouldBe(alone.Counts[0], label);
        }

        float[] Steps(float[] values, int width, int row)
        {
            var steps = values.Length / width / chosen.Shape.Rows;
            return [.. Enumerable.Range(0, steps).SelectMany(step => values.Skip(((step * chosen.Shape.Rows) + row) * width).Take(width))];
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    [Fact]
    public void What_stands_beyond_the_end_of_a_row_does_not_matter() => Prop.ForAll(Ragged(), choice =>
    {
        var chosen = new ModelCase(choice);
        var wanted = Run(chosen.Model, chosen.Batch, chosen.Parameters, chosen.MaskKey);
        var other = Run(chosen.Model, chosen.WithPadding(token: -7, float.NaN, target: int.MaxValue, float.PositiveInfinity).Batch, chosen.Parameters, chosen.MaskKey);
        other.Losses.ShouldBe(wanted.Losses, $"{choice}");
        other.Counts.ShouldBe(wanted.Counts, $"{choice}");
        foreach (var (mine, theirs) in other.Gradients.Concat(other.States).Zip(wanted.Gradients.Concat(wanted.States)))
            mine.ShouldBe(theirs, $"{choice}");
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    [Fact]
    public void Lengths_that_all_reach_the_end_are_no_lengths() => Prop.ForAll(ModelChoices.Any.Select(choice => choice with { IsRagged = false }).ToArbitrary(), choice =>
    {
        var chosen = new ModelCase(choice);
        var wanted = Run(chosen.Model, chosen.Batch, chosen.Parameters, chosen.MaskKey);
        int[] lengths = [.. Enumerable.Repeat(chosen.Shape.Steps, chosen.Shape.Rows)];
        var other = Run(chosen.Model, chosen.Batch with { Lengths = lengths }, chosen.Parameters, chosen.MaskKey);
        other.Losses.ShouldBe(wanted.Losses, $"{choice}");
        other.Gradients.ShouldBe(wanted.Gradients, $"{choice}");
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(20));

    /// <summary>A tied table gets two gradients from each shard; spread over workers or not, their sum has the same bits.</summary>
    [Fact]
    public void The_gradient_of_all_shards_does_not_depend_on_how_they_are_spread() => Prop.ForAll(ModelChoices.Any.ToArbitrary(), choice =>
    {
        var chosen = new ModelCase(choice with { ShardRows = [.. choice.ShardRows, 1] });
        var leaves = Run(chosen.Model, chosen.Batch, chosen.Parameters, chosen.MaskKey);
        var whole = Run(chosen.Model, chosen.Batch, chosen.Parameters, chosen.MaskKey, new ShardRange(0, 4));
        float[] Sum(float[] left, float[] right) => [.. left.Zip(right, (x, y) => x + y)];
        var sum = Sum(Sum(leaves.Gradients[0], leaves.Gradients[1]), Sum(leaves.Gradients[2], leaves.Gradients[3]));
        whole.Gradients[0].ShouldBe(sum, $"{choice}");
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    public void Dispose() => _device.Dispose();

    static Arbitrary<ModelChoice> Ragged() => ModelChoices.Any.Select(choice => choice with { IsRagged = true }).ToArbitrary();

    Outcome Run(SequenceModel model, Batch batch, double[] parameters, ulong maskKey, params ShardRange[] nodes)
    {
        using var operands = new Operands(_device, Placement.BetweenNotNumbers);
        using var weights = new ModelWeights(model, _device, training: true);
        using var run = new SequenceRun(model, _device);
        weights.Load(operands.Numbers("parameters", parameters));
        run.Load(batch);
        run.Forward(weights, training: true, maskKey);
        var outputs = new float[run.LossShape.Positions * model.Outputs];
        var losses = new float[run.LossShape.Positions];
        run.ReadOutputs(outputs);
        run.Losses(losses);
        if (nodes.Length == 0) nodes = [.. batch.Shards.ToArray().Select(shard => new ShardRange(shard.Shard, 1))];
        GradientTarget[] targets = [.. nodes.Select(node => new GradientTarget(node, operands.Unwritten($"gradient {node}", parameters.Length)))];
        run.Backward(weights, targets);
        var states = new float[batch.Shape.Rows][];
        for (var row = 0; row < states.Length; row++)
            run.ReadState(row, states[row] = new float[model.StateSize]);
        int[] counts = [.. Enumerable.Range(0, states.Length).Select(row => run.CountTargets(new(row, 1)))];
        return new Outcome(outputs, losses, states, [.. targets.Select(target => Array.ConvertAll(operands.Read(target.Gradient), x => (float)x))], counts);
    }

    sealed record Outcome(float[] Outputs, float[] Losses, float[][] States, float[][] Gradients, int[] Counts);
}
