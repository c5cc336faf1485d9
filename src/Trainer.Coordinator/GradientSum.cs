using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>The gradient of one step as it comes in: partial sums, merged pairwise along the fixed tree as soon as both halves are there.</summary>
/// <remarks>
/// Merging depends on the tree alone, so neither the order of arrival nor who summed what shows in the bits. A node that arrives twice, or whose
/// shards are in already, is dropped: it holds the same bits.
/// </remarks>
/// <param name="tree">The reduction tree.</param>
/// <param name="device">Adds.</param>
/// <param name="length">Elements of a gradient vector.</param>
/// <param name="precision">What partial sums are rounded to.</param>
public sealed class GradientSum(ShardTree tree, IDevice device, int length, GradientPrecision precision = GradientPrecision.Fp32) : IDisposable
{
    readonly Dictionary<ShardRange, Payload<float>> _partial = [];
    readonly BlockNorm _norm = new(device, length);

    /// <summary>True when every shard is in the sum.</summary>
    public bool IsComplete => _partial.ContainsKey(tree.Root);

    /// <summary>The sum over all shards.</summary>
    /// <exception cref="InvalidOperationException">A shard is missing.</exception>
    public Payload<float> Total =>
        _partial.TryGetValue(tree.Root, out var total) ? total : throw new InvalidOperationException("the gradient sum is not complete");

    /// <summary>Takes a node's gradient into the sum.</summary>
    /// <param name="node">The shards summed.</param>
    /// <param name="gradient">Its gradient; the reference is taken over.</param>
    /// <returns>Null, or why it was rejected.</returns>
    public string? Add(ShardRange node, Payload<float> gradient)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        var rejection =
            !tree.IsNode(node) ? $"shards {node} are no node of the reduction tree over {tree.Shards}"
            : gradient.Length != length ? $"it has {gradient.Length} elements where the model has {length}"
            : !double.IsFinite(_norm.SumSquares(gradient)) ? "it holds NaN or infinity"
            : null;
        if (rejection is not null || _partial.Keys.Any(present => Covers(present, node)))
        {
            gradient.Release();
            return rejection;
        }

        foreach (var part in _partial.Keys.Where(present => Covers(node, present)).ToList())
        {
            _partial[part].Release();
            _partial.Remove(part);
        }

        Merge(node, gradient);
        return null;
    }

    /// <summary>Makes ready for the next step.</summary>
    public void Clear()
    {
        foreach (var gradient in _partial.Values) gradient.Release();
        _partial.Clear();
    }

    /// <summary>Gives back what was collected.</summary>
    public void Dispose() => Clear();

    void Merge(ShardRange node, Payload<float> gradient)
    {
        while (node != tree.Root)
        {
            var (sibling, parent) = tree.SiblingOf(node);
            if (!_partial.Remove(sibling, out var other)) break;

            // The left half is the one added to, so that the sum is the same operation whichever half came last.
            var (left, right) = node.First < sibling.First ? (gradient, other) : (other, gradient);
            using (var target = device.Import(left.Memory))
            using (var source = device.Import(right.Memory))
            {
                device.Add(target.All, source.All);
                if (precision == GradientPrecision.Bf16) device.RoundToBf16(target.All);
                device.Read(target.All, left.Span);
            }

            right.Release();
            (node, gradient) = (parent, left);
        }

        _partial.Add(node, gradient);
    }

    static bool Covers(ShardRange outer, ShardRange inner) => outer.First <= inner.First && inner.End <= outer.End;
}
