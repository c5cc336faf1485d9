using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>The gradient of one step, of a part of the parameter vector, as it comes in bucket by bucket.</summary>
/// <param name="tree">The reduction tree.</param>
/// <param name="device">Adds.</param>
/// <param name="slice">The part and its buckets.</param>
/// <param name="pool">Where a gradient is copied to that somebody else holds too.</param>
/// <param name="precision">What partial sums are rounded to.</param>
public sealed class GradientSum(
    ShardTree tree, IDevice device, ParameterSlice slice, PayloadPool pool, GradientPrecision precision = GradientPrecision.Fp32) : IDisposable
{
    readonly BucketSum[] _buckets = [.. slice.Buckets.Select(_ => new BucketSum(tree, device, precision))];
    readonly Dictionary<int, int> _byOffset = slice.Buckets.Select((bucket, index) => (bucket.Offset, index)).ToDictionary();
    readonly double[] _blocks = new double[GradientNorm.BlocksIn(slice.Range.Length)];
    int _complete;

    /// <summary>True when every shard is in the sum of every bucket.</summary>
    public bool IsComplete => _complete == _buckets.Length;

    /// <summary>The sum over all shards, of each bucket.</summary>
    /// <exception cref="InvalidOperationException">A shard is missing.</exception>
    public IReadOnlyList<Payload<float>> Totals => [.. _buckets.Select(bucket => bucket.Total)];

    /// <summary>Shards of which some bucket is missing, ascending.</summary>
    public IReadOnlyList<int> Missing
    {
        get
        {
            var missing = new SortedSet<int>();
            var here = new bool[tree.Shards];
            foreach (var bucket in _buckets)
            {
                if (bucket.IsComplete) continue;
                Array.Clear(here);
                bucket.Cover(here);
                for (var shard = 0; shard < here.Length; shard++)
                    if (!here[shard])
                        missing.Add(shard);
            }

            return [.. missing];
        }
    }

    /// <summary>Takes a node's gradient into the sum.</summary>
    /// <param name="node">The shards summed.</param>
    /// <param name="part">Which part of the parameter vector: a bucket, or several that follow each other.</param>
    /// <param name="gradient">Its gradient; the reference is taken over.</param>
    /// <returns>Null, or why it was rejected.</returns>
    public string? Add(ShardRange node, ParameterRange part, Payload<float> gradient)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        var first = _byOffset.GetValueOrDefault(part.Offset, -1);
        var rejection =
            !tree.IsNode(node) ? $"shards {node} are no node of the reduction tree over {tree.Shards}"
            : gradient.Length != part.Length ? $"it has {gradient.Length} elements for {part}"
            : first < 0 || !EndsWithBucket(first, part.End) ? $"{part} are no run of buckets of {slice.Range}"
            : !IsFinite(gradient) ? "it holds NaN or infinity"
            : null;
        if (rejection is not null)
        {
            gradient.Release();
            return rejection;
        }

        // Whoever else holds the memory, such as a copy of the message, must not see it summed into.
        if (gradient.References > 1)
        {
            var own = pool.Copy<float>(gradient.Span);
            gradient.Release();
            gradient = own;
        }

        if (part == slice.Buckets[first])
        {
            AddTo(first, node, gradient);
            return null;
        }

        for (var index = first; index < _buckets.Length && slice.Buckets[index].Offset < part.End; index++)
        {
            var (offset, length) = slice.Buckets[index].From(part);
            AddTo(index, node, gradient.Slice(offset, length));
        }

        gradient.Release();
        return null;
    }

    /// <summary>Makes ready for the next step.</summary>
    public void Clear()
    {
        foreach (var bucket in _buckets) bucket.Clear();
        _complete = 0;
    }

    /// <summary>Gives back what was collected.</summary>
    public void Dispose() => Clear();

    void AddTo(int index, ShardRange node, Payload<float> gradient)
    {
        if (_buckets[index].Add(node, gradient) && _buckets[index].IsComplete) _complete++;
    }

    bool EndsWithBucket(int first, int end)
    {
        var last = first;
        while (last + 1 < _buckets.Length && slice.Buckets[last].End < end) last++;
        return slice.Buckets[last].End == end;
    }

    bool IsFinite(Payload<float> gradient)
    {
        var blocks = _blocks.AsSpan(0, GradientNorm.BlocksIn(gradient.Length));
        BlockNorm.SumSquares(device, gradient, blocks);
        return double.IsFinite(BlockNorm.Sum(blocks));
    }
}
