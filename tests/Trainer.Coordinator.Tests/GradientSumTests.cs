using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

public sealed class GradientSumTests : IDisposable
{
    const int Length = 5000;

    static readonly ParameterRange s_all = new(0, Length);
    static readonly ParameterSlice s_slice = new(s_all, [s_all]);

    /// <summary>Shards, and nodes as they arrive: some in no useful order, then all leaves, so that the sum gets complete.</summary>
    static readonly Gen<(int Shards, ShardRange[] Arriving)> s_arrivals =
        from shards in Gen.Choose(1, 19)
        let nodes = NodesBelow(new ShardTree(shards).Root).ToArray()
        from first in Gen.ArrayOf(Gen.Elements(nodes))
        from last in Gen.Shuffle(nodes.Where(node => node.Count == 1).ToArray())
        select (shards, (ShardRange[])[.. first, .. last]);

    readonly CpuDevice _device = CpuDevice.Create();
    // Without reuse, so that a payload that was given back stays at zero references.
    readonly PayloadPool _pool = new(keepPerLength: 0);

    [Fact]
    public void Whatever_nodes_arrive_in_whatever_order_the_total_is_the_plain_sum_along_the_tree() =>
        Prop.ForAll(s_arrivals.ToArbitrary(), arrival =>
        {
            var tree = new ShardTree(arrival.Shards);
            var sent = new List<Payload<float>>();
            using (var sum = new GradientSum(tree, _device, s_slice, _pool))
            {
                var covered = new HashSet<int>();
                foreach (var node in arrival.Arriving)
                {
                    // An incomplete sum takes in whatever comes, and a complete one gets nothing any more.
                    if (sum.IsComplete) break;
                    sent.Add(_pool.Copy<float>(PlainSum(node)));
                    sum.Add(node, s_all, sent[^1]).ShouldBeNull();
                    covered.UnionWith(Enumerable.Range(node.First, node.Count));
                    sum.IsComplete.ShouldBe(covered.Count == arrival.Shards);
                }

                Bits(sum.Totals[0].Span).ShouldBe(Bits(PlainSum(tree.Root)));
                sent.Count(payload => payload.References == 1).ShouldBe(1);
            }

            sent.ShouldAllBe(payload => payload.References == 0);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_has_arrived_already_is_given_back_also_when_the_sum_is_complete()
    {
        using var sum = new GradientSum(new ShardTree(2), _device, s_slice, _pool);
        sum.Add(new ShardRange(0, 2), s_all, _pool.Copy<float>(PlainSum(new ShardRange(0, 2)))).ShouldBeNull();
        foreach (var node in new ShardRange[] { new(0, 1), new(1, 1), new(0, 2) })
        {
            using var keep = _pool.Copy<float>(PlainSum(node));
            sum.Add(node, s_all, keep.Retain()).ShouldBeNull();
            keep.References.ShouldBe(1);
        }

        Bits(sum.Totals[0].Span).ShouldBe(Bits(PlainSum(new ShardRange(0, 2))));
    }

    [Theory]
    [InlineData(float.NaN, 0)]
    [InlineData(float.PositiveInfinity, 4095)]
    [InlineData(float.NegativeInfinity, Length - 1)]
    public void What_is_no_number_is_rejected_wherever_it_stands(float value, int index)
    {
        var gradient = PlainSum(new ShardRange(0, 1));
        gradient[index] = value;
        Rejection(new ShardRange(0, 1), gradient).ShouldBe("it holds NaN or infinity");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Length - 1)]
    [InlineData(Length + 1)]
    public void A_gradient_of_another_length_is_rejected(int length) =>
        Rejection(new ShardRange(0, 1), new float[length]).ShouldBe($"it has {length} elements for elements 0 to {Length}");

    [Theory]
    [InlineData(1, 2)]
    [InlineData(0, 3)]
    [InlineData(7, 1)]
    [InlineData(-1, 1)]
    [InlineData(0, 0)]
    public void What_is_no_node_is_rejected(int first, int count) =>
        Rejection(new ShardRange(first, count), new float[Length]).ShouldNotBeNull().ShouldEndWith("are no node of the reduction tree over 7");

    [Fact]
    public void A_cleared_sum_begins_anew()
    {
        using var sum = new GradientSum(new ShardTree(1), _device, s_slice, _pool);
        var first = _pool.Copy<float>(PlainSum(new ShardRange(0, 1)));
        sum.Add(new ShardRange(0, 1), s_all, first);
        sum.Clear();
        first.References.ShouldBe(0);
        sum.IsComplete.ShouldBeFalse();
        Should.Throw<InvalidOperationException>(() => sum.Totals);
        sum.Add(new ShardRange(0, 1), s_all, _pool.Copy<float>(PlainSum(new ShardRange(0, 1)))).ShouldBeNull();
        sum.IsComplete.ShouldBeTrue();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(20_000)]
    public void The_norm_is_the_sum_of_squares_of_all_elements(int length)
    {
        var values = Enumerable.Range(0, length).Select(index => MathF.Sin(index + 1)).ToArray();
        using var vector = _pool.Copy<float>(values);
        SumSquares(vector).ShouldBe(values.Sum(value => (double)value * value), 1e-9 * length);
    }

    [Fact]
    public void The_norm_of_the_largest_numbers_is_finite()
    {
        using var vector = _pool.Rent<float>(Length);
        vector.Span.Fill(float.MaxValue);
        double.IsFinite(SumSquares(vector)).ShouldBeTrue();
    }

    public void Dispose()
    {
        _device.Dispose();
        _pool.Dispose();
    }

    double SumSquares(Payload<float> vector)
    {
        var blocks = new double[GradientNorm.BlocksIn(vector.Length)];
        BlockNorm.SumSquares(_device, vector, blocks);
        return BlockNorm.Sum(blocks);
    }

    string? Rejection(ShardRange node, float[] content)
    {
        using var sum = new GradientSum(new ShardTree(7), _device, s_slice, _pool);
        var gradient = _pool.Copy<float>(content);
        var rejection = sum.Add(node, s_all, gradient);
        gradient.References.ShouldBe(0);
        return rejection;
    }

    /// <summary>The gradient of a shard, or of two halves added up: numbers whose sum depends on the order.</summary>
    static float[] PlainSum(ShardRange node)
    {
        var sum = new float[Length];
        if (node.Count == 1)
        {
            for (var index = 0; index < Length; index++) sum[index] = MathF.Sin((node.First * 1.7f) + (index * 0.3f)) * MathF.Exp(node.First % 7);
            return sum;
        }

        var (left, right) = ShardTree.Split(node);
        var (a, b) = (PlainSum(left), PlainSum(right));
        for (var index = 0; index < Length; index++) sum[index] = a[index] + b[index];
        return sum;
    }

    static IEnumerable<ShardRange> NodesBelow(ShardRange node)
    {
        if (node.Count == 1) return [node];
        var (left, right) = ShardTree.Split(node);
        return [node, .. NodesBelow(left), .. NodesBelow(right)];
    }

    static int[] Bits(ReadOnlySpan<float> values) => MemoryMarshal.Cast<float, int>(values).ToArray();
}
