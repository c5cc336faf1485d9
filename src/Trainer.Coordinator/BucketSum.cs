using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>One bucket of a step's gradient as it comes in: partial sums, merged pairwise along the fixed tree as soon as both halves are there.</summary>
/// <remarks>
/// Merging depends on the tree alone, so neither the order of arrival nor who summed what shows in the bits. A node that arrives twice, or whose
/// shards are in already, is dropped: it holds the same bits. So each shard is in the sum exactly once.
/// </remarks>
/// <param name="tree">The reduction tree.</param>
/// <param name="device">Adds.</param>
/// <param name="precision">What each partial sum is rounded to, as it is by whoever sums before it is sent.</param>
sealed class BucketSum(ShardTree tree, IDevice device, GradientPrecision precision)
{
    readonly Dictionary<ShardRange, Payload<float>> _partial = [];

    /// <summary>Shards that are in the sum.</summary>
    public int Shards { get; private set; }

    /// <summary>True when every shard is in the sum.</summary>
    public bool IsComplete => Shards == tree.Shards;

    /// <summary>The sum over all shards.</summary>
    /// <exception cref="InvalidOperationException">A shard is missing.</exception>
    public Payload<float> Total =>
        _partial.TryGetValue(tree.Root, out var total) ? total : throw new InvalidOperationException("the gradient sum is not complete");

    /// <summary>Takes in the gradient of a node of the tree; its reference is taken over.</summary>
    /// <returns>True when it is in the sum now and the sum has not had all of it before.</returns>
    public bool Add(ShardRange node, Payload<float> gradient)
    {
        if (Has(node))
        {
            gradient.Release();
            return false;
        }

        Shards += node.Count - Remove(node);
        Merge(node, gradient);
        return true;
    }

    /// <summary>Strikes the shards that are in the sum out of a list.</summary>
    public void Cover(Span<bool> shards)
    {
        foreach (var node in _partial.Keys) shards.Slice(node.First, node.Count).Fill(true);
    }

    /// <summary>Makes ready for the next step.</summary>
    public void Clear()
    {
        foreach (var gradient in _partial.Values) gradient.Release();
        _partial.Clear();
        Shards = 0;
    }

    /// <summary>True when a node, or one above it, is in the sum.</summary>
    bool Has(ShardRange node)
    {
        for (var above = tree.Root; ;)
        {
            if (_partial.ContainsKey(above)) return true;
            if (above == node) return false;
            var (left, right) = ShardTree.Split(above);
            above = node.First < right.First ? left : right;
        }
    }

    /// <summary>Takes out what is below a node, which brings it itself.</summary>
    /// <returns>How many shards that were.</returns>
    int Remove(ShardRange node)
    {
        if (_partial.Remove(node, out var part))
        {
            part.Release();
            return node.Count;
        }

        if (node.Count == 1 || _partial.Count == 0) return 0;
        var (left, right) = ShardTree.Split(node);
        return Remove(left) + Remove(right);
    }

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
}
