namespace LstmCluster.Compute;

/// <summary>Sums the shards' gradients of one layer along the fixed tree, inside one worker.</summary>
sealed class GradientReduction(IDevice device) : IDisposable
{
    readonly List<GrowingBuffer> _partialSums = [];
    bool _rounds;

    /// <summary>Computes one layer's part of each target.</summary>
    /// <param name="source">The layer, after its backward pass.</param>
    /// <param name="range">Its run of a gradient vector.</param>
    /// <param name="shards">The rows of each shard, ascending.</param>
    /// <param name="targets">The nodes.</param>
    /// <param name="precision">What each leaf and each sum is rounded to.</param>
    /// <param name="finished">Told of the run when every target has it; null for nobody.</param>
    public void Reduce(
        IShardGradient source, ParameterRange range, ReadOnlySpan<ShardRows> shards, ReadOnlySpan<GradientTarget> targets,
        GradientPrecision precision, Action<ParameterRange>? finished)
    {
        if (range.Length == 0) return;
        _rounds = precision == GradientPrecision.Bf16;
        foreach (var target in targets) Sum(source, target.Node, shards, range.Of(target.Gradient), depth: 0);
        finished?.Invoke(range);
    }

    public void Dispose()
    {
        foreach (var buffer in _partialSums) buffer.Dispose();
    }

    void Sum(IShardGradient source, ShardRange node, ReadOnlySpan<ShardRows> shards, DeviceSpan target, int depth)
    {
        if (node.Count == 1)
        {
            source.ShardGradient(RowsOf(node.First, shards), target, accumulate: false);
            Round(target);
            return;
        }

        var (left, right) = ShardTree.Split(node);
        Sum(source, left, shards, target, depth);

        // A leaf that is rounded before it is added has to stand somewhere.
        if (right.Count == 1 && source.CanAccumulate && !_rounds)
        {
            source.ShardGradient(RowsOf(right.First, shards), target, accumulate: true);
            return;
        }

        var partial = PartialSum(depth, target.Length);
        Sum(source, right, shards, partial, depth + 1);
        device.Add(target, partial);
        Round(target);
    }

    void Round(DeviceSpan sum)
    {
        if (_rounds) device.RoundToBf16(sum);
    }

    DeviceSpan PartialSum(int depth, int length)
    {
        if (_partialSums.Count == depth) _partialSums.Add(new GrowingBuffer(device));
        _partialSums[depth].Reserve(length);
        return _partialSums[depth].Span(length);
    }

    static RowRange RowsOf(int shard, ReadOnlySpan<ShardRows> shards)
    {
        foreach (var candidate in shards)
            if (candidate.Shard == shard)
                return candidate.Rows;
        throw new ArgumentException($"shard {shard} is not in the batch", nameof(shards));
    }
}
