namespace LstmCluster.Compute;

/// <summary>A node of the reduction tree, named by the shards below it.</summary>
/// <param name="First">The first shard.</param>
/// <param name="Count">Number of shards; 1 for a leaf.</param>
public readonly record struct ShardRange(int First, int Count)
{
    /// <summary>The shard after the last one.</summary>
    public int End => First + Count;

    /// <inheritdoc/>
    public override string ToString() => Count == 1 ? $"{First}" : $"{First}-{End - 1}";
}

/// <summary>The fixed binary tree over shard indices along which gradients are summed, whoever computes them and in whatever order they arrive.</summary>
/// <remarks>
/// A node of level L covers the shards <c>[k 2^L, (k+1) 2^L)</c> that exist. A node with a single existing child is that child, so a node is named by
/// its shards alone.
/// </remarks>
public sealed class ShardTree
{
    /// <summary>A tree over <paramref name="shards"/> leaves.</summary>
    public ShardTree(int shards)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shards);
        Shards = shards;
    }

    /// <summary>Number of leaves.</summary>
    public int Shards { get; }

    /// <summary>The node over all shards.</summary>
    public ShardRange Root => new(0, Shards);

    /// <summary>Levels between the root and the leaves.</summary>
    public int Depth => BitsFor(Shards);

    /// <summary>The two children of an inner node.</summary>
    public static (ShardRange Left, ShardRange Right) Split(ShardRange node)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(node.Count, 2);
        var left = 1 << (BitsFor(node.Count) - 1);
        return (new(node.First, left), new(node.First + left, node.Count - left));
    }

    /// <summary>True when the range is a node of this tree.</summary>
    public bool IsNode(ShardRange range)
    {
        if (range.First < 0 || range.Count < 1 || range.End > Shards) return false;
        var node = Root;
        while (node != range && node.Count > 1)
        {
            var (left, right) = Split(node);
            node = range.First < right.First ? left : right;
        }

        return node == range;
    }

    /// <summary>The sibling of a node other than the root, and their parent.</summary>
    public (ShardRange Sibling, ShardRange Parent) SiblingOf(ShardRange range)
    {
        var node = Root;
        while (node.Count > 1)
        {
            var (left, right) = Split(node);
            if (left == range) return (right, node);
            if (right == range) return (left, node);
            node = range.First < right.First ? left : right;
        }

        throw new ArgumentException($"{range} is the root or no node of a tree over {Shards} shards", nameof(range));
    }

    /// <summary>The fewest nodes whose leaves are exactly the given shards.</summary>
    /// <param name="shards">Ascending, without repetition.</param>
    /// <param name="nodes">Receives the nodes, ascending.</param>
    public void Cover(ReadOnlySpan<int> shards, ICollection<ShardRange> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        Cover(Root, shards, nodes);
    }

    static void Cover(ShardRange node, ReadOnlySpan<int> shards, ICollection<ShardRange> nodes)
    {
        var first = 0;
        while (first < shards.Length && shards[first] < node.First) first++;
        var count = 0;
        while (first + count < shards.Length && shards[first + count] < node.End) count++;
        if (count == 0) return;
        if (count == node.Count)
        {
            nodes.Add(node);
            return;
        }

        var (left, right) = Split(node);
        Cover(left, shards.Slice(first, count), nodes);
        Cover(right, shards.Slice(first, count), nodes);
    }

    static int BitsFor(int count) => System.Numerics.BitOperations.Log2((uint)count - 1) + (count > 1 ? 1 : 0);
}
