using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Compute;

namespace Lstm.Compute.Tests.Parameters;

public class ShardTreeTests
{
    public static TheoryData<int> AllSizes => [.. Enumerable.Range(1, 65)];

    /// <summary>A number of shards and some of them, ascending.</summary>
    static readonly Gen<(int Shards, int[] Some)> s_subsets =
        from shards in Gen.Choose(1, 65)
        from chosen in Gen.ArrayOf(Gen.Elements(true, true, true, false), shards)
        select (shards, Enumerable.Range(0, shards).Where(shard => chosen[shard]).ToArray());

    [Theory]
    [MemberData(nameof(AllSizes))]
    public void The_nodes_are_what_splitting_the_root_gives(int shards)
    {
        var tree = new ShardTree(shards);
        var nodes = NodesBelow(tree.Root).ToHashSet();

        nodes.Count.ShouldBe((2 * shards) - 1);
        for (var first = -1; first <= shards; first++)
            for (var count = -1; count <= shards + 1; count++)
                tree.IsNode(new ShardRange(first, count)).ShouldBe(nodes.Contains(new ShardRange(first, count)));
    }

    [Theory]
    [MemberData(nameof(AllSizes))]
    public void A_node_covers_the_existing_shards_of_an_aligned_power_of_two(int shards)
    {
        foreach (var node in NodesBelow(new ShardTree(shards).Root))
        {
            var size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)node.Count);
            (node.First % size).ShouldBe(0);
            node.End.ShouldBe(Math.Min(node.First + size, shards));
        }
    }

    [Theory]
    [MemberData(nameof(AllSizes))]
    public void Siblings_are_the_two_halves_of_their_parent(int shards)
    {
        var tree = new ShardTree(shards);
        foreach (var parent in NodesBelow(tree.Root).Where(node => node.Count > 1))
        {
            var (left, right) = ShardTree.Split(parent);
            (left.First, left.End, right.End).ShouldBe((parent.First, right.First, parent.End));
            tree.SiblingOf(left).ShouldBe((right, parent));
            tree.SiblingOf(right).ShouldBe((left, parent));
        }

        Should.Throw<ArgumentException>(() => tree.SiblingOf(tree.Root));
        Should.Throw<ArgumentException>(() => tree.SiblingOf(new ShardRange(shards, 1)));
    }

    [Theory]
    [MemberData(nameof(AllSizes))]
    public void The_depth_is_that_of_the_deepest_leaf(int shards) => new ShardTree(shards).Depth.ShouldBe(DepthBelow(new ShardTree(shards).Root));

    [Fact]
    public void A_cover_is_made_of_nodes_whose_leaves_are_exactly_the_shards() =>
        Prop.ForAll(s_subsets.ToArbitrary(), subset =>
        {
            var tree = new ShardTree(subset.Shards);
            var nodes = Cover(tree, subset.Some);
            nodes.ShouldAllBe(node => tree.IsNode(node));
            nodes.SelectMany(node => Enumerable.Range(node.First, node.Count)).ShouldBe(subset.Some);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_cover_has_fewer_nodes() =>
        Prop.ForAll(s_subsets.ToArbitrary(), subset =>
        {
            // A node whose sibling is covered too could be replaced, with it, by their parent.
            var tree = new ShardTree(subset.Shards);
            var nodes = Cover(tree, subset.Some);
            foreach (var node in nodes.Where(node => node != tree.Root))
                nodes.ShouldNotContain(tree.SiblingOf(node).Sibling);
            nodes.Count.ShouldBe(FewestNodes(tree.Root, [.. subset.Some]));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void All_shards_are_covered_by_the_root_and_none_by_nothing()
    {
        var tree = new ShardTree(11);
        Cover(tree, [.. Enumerable.Range(0, 11)]).ShouldBe([tree.Root]);
        Cover(tree, []).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_tree_has_leaves(int shards) => Should.Throw<ArgumentOutOfRangeException>(() => new ShardTree(shards));

    [Fact]
    public void A_leaf_has_no_halves() => Should.Throw<ArgumentOutOfRangeException>(() => ShardTree.Split(new ShardRange(3, 1)));

    static List<ShardRange> Cover(ShardTree tree, int[] shards)
    {
        var nodes = new List<ShardRange>();
        tree.Cover(shards, nodes);
        return nodes;
    }

    static IEnumerable<ShardRange> NodesBelow(ShardRange node)
    {
        yield return node;
        if (node.Count == 1) yield break;
        var (left, right) = ShardTree.Split(node);
        foreach (var below in NodesBelow(left).Concat(NodesBelow(right))) yield return below;
    }

    static int DepthBelow(ShardRange node)
    {
        if (node.Count == 1) return 0;
        var (left, right) = ShardTree.Split(node);
        return 1 + Math.Max(DepthBelow(left), DepthBelow(right));
    }

    /// <summary>The least over all ways to cover: a node itself where all its leaves are wanted, or both halves.</summary>
    static int FewestNodes(ShardRange node, HashSet<int> wanted)
    {
        if (node.Count == 1) return wanted.Contains(node.First) ? 1 : 0;
        var (left, right) = ShardTree.Split(node);
        var halves = FewestNodes(left, wanted) + FewestNodes(right, wanted);
        return Enumerable.Range(node.First, node.Count).All(wanted.Contains) ? Math.Min(1, halves) : halves;
    }
}
