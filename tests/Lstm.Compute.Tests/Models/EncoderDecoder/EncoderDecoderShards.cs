namespace LstmCluster.Compute.Tests;

/// <summary>Computes shards of a case's batch, some at a time, as workers do.</summary>
static class EncoderDecoderShards
{
    /// <summary>The gradient of each shard, computed together.</summary>
    public static double[][] Gradients(EncoderDecoderCase chosen, IDevice device, int[] shards)
    {
        using var operands = new Operands(device, Placement.BetweenNotNumbers);
        using var weights = new ModelWeights(chosen.Model, device, training: true);
        using var run = new EncoderDecoderRun(chosen.Model, device);
        weights.Load(operands.Numbers("parameters", chosen.Parameters));
        run.Load(Of(chosen, shards).Batch);
        run.Forward(weights, training: true, chosen.MaskKey);
        run.Losses(new float[run.LossShape.Positions]);
        GradientTarget[] targets = [.. shards.Select(shard => new GradientTarget(new(shard, 1), operands.Unwritten($"gradient {shard}", chosen.Model.Parameters.Length)))];
        run.Backward(weights, targets);
        return [.. targets.Select(target => operands.Read(target.Gradient))];
    }

    /// <summary>The sum over all shards along the tree, whichever worker has which.</summary>
    public static double[] Sum(EncoderDecoderCase chosen, IDevice device, int[][] workers)
    {
        var leaves = new double[chosen.Shards.Length][];
        foreach (var shards in workers)
        {
            foreach (var (shard, gradient) in shards.Zip(Gradients(chosen, device, shards))) leaves[shard] = gradient;
        }

        return Node(new ShardTree(leaves.Length).Root);

        double[] Node(ShardRange node)
        {
            if (node.Count == 1) return leaves[node.First];
            var (left, right) = ShardTree.Split(node);
            return [.. Node(left).Zip(Node(right), (a, b) => (double)((float)a + (float)b))];
        }
    }

    /// <summary>The batch of some shards.</summary>
    static PairBatch Of(EncoderDecoderCase chosen, int[] shards)
    {
        int[] rows = [.. shards.SelectMany(shard => Enumerable.Range(chosen.Shards[shard].Rows.First, chosen.Shards[shard].Rows.Count))];
        PairBatch[] pairs = [.. rows.Select(row => chosen.Pair(row, cut: false))];
        var (own, next) = (new List<ShardRows>(), 0);
        foreach (var shard in shards)
        {
            own.Add(new ShardRows(shard, new(next, chosen.Shards[shard].Rows.Count)));
            next += chosen.Shards[shard].Rows.Count;
        }

        return new PairBatch(
            chosen.Source with { Rows = rows.Length }, Joined(pair => pair.Tokens, chosen.Source.Steps, 1),
            Joined(pair => pair.Features, chosen.Source.Steps, EncoderDecoderCase.SourceFeatures), [.. pairs.SelectMany(pair => pair.Lengths)], chosen.Target.Steps,
            Joined(pair => pair.Classes, chosen.Target.Steps, 1), [.. own]);

        T[] Joined<T>(Func<PairBatch, T[]> of, int steps, int width) =>
            [.. Enumerable.Range(0, steps).SelectMany(step => pairs.SelectMany(pair => of(pair).Skip(step * width).Take(width)))];
    }
}
