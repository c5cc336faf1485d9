using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Worker.Tests;

/// <summary>Gradients of several workers that are summed before they leave their process.</summary>
public sealed class GradientCombinerTests : IDisposable
{
    const int Shards = 7, Length = 3;

    static readonly ParameterRange s_whole = new(0, Length);

    readonly PayloadPool _pool = new();
    readonly SimulatedRuntime _runtime = new(seed: 1);
    readonly Inbox _server = new();
    readonly ActorRef _to, _worker;
    ActorRef _combiner;

    public GradientCombinerTests()
    {
        _to = _runtime.Spawn("server", () => _server);
        _worker = _runtime.Spawn("worker", () => new Inbox());
        _combiner = Combiner(GradientPrecision.Fp32);
    }

    [Fact]
    public void Siblings_leave_as_their_parent_and_the_fewest_nodes_are_sent()
    {
        Combine([0, 1, 2, 3, 4], Push(0, 2), Push(4, 1), Push(2, 1, attempt: 3), Push(3, 1, attempt: 2));
        Sent().Select(push => push.Node.ToString()).ShouldBe(["4", "0-3"], ignoreOrder: true);
        var sum = Sent().Single(push => push.Node.Count == 4);
        sum.Attempt.ShouldBe(3);
        Values(sum).ShouldBe(Sum([0, 2], [2, 1], [3, 1]));
        _runtime.Elapsed.ShouldBe(TimeSpan.Zero, "what is whole does not wait");
    }

    [Fact]
    public void However_they_come_the_sums_have_the_bits_of_the_tree() =>
        Prop.ForAll(Gen.Shuffle(Enumerable.Range(0, Shards)).ToArbitrary(), Gen.Elements(GradientPrecision.Fp32, GradientPrecision.Bf16).ToArbitrary(), (order, precision) =>
        {
            _server.Dispose();
            _combiner = Combiner(precision);
            Combine([.. Enumerable.Range(0, Shards)], [.. order.Select(shard => Push(shard, 1, precision: precision))]);
            var sent = Sent().ShouldHaveSingleItem();
            sent.Node.ShouldBe(new ShardTree(Shards).Root);
            Computed.Bits(Values(sent)).ShouldBe(Computed.Bits(TreeSum(new ShardTree(Shards).Root, precision)));
            (sent.Gradient.Halves is not null).ShouldBe(precision == GradientPrecision.Bf16, "another process gets no more bytes than are needed");
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_has_no_sibling_leaves_when_nothing_more_has_come_for_a_while()
    {
        Say([0, 1, 2, 3], Push(0, 1));
        _runtime.RunFor(TimeSpan.FromMilliseconds(200));
        Say([0, 1, 2, 3], Push(2, 1));
        _runtime.RunFor(TimeSpan.FromMilliseconds(249));
        Sent().ShouldBeEmpty();
        _runtime.RunFor(TimeSpan.FromMilliseconds(2));
        Sent().Select(push => push.Node.ToString()).ShouldBe(["0", "2"]);
        _runtime.RunUntilIdle();
        _pool.Rented.ShouldBe(2);
    }

    [Fact]
    public void What_has_no_sibling_leaves_when_a_worker_is_gone_and_when_a_newer_step_comes()
    {
        Say([0, 1], Push(0, 1));
        _runtime.Send(_combiner, new FlushGradients());
        _runtime.RunFor(TimeSpan.Zero);
        Sent().Count.ShouldBe(1);
        Say([2, 3], Push(2, 1));
        Say([0, 1], Push(0, 1, step: 2));
        _runtime.RunFor(TimeSpan.Zero);
        Sent().Select(push => (push.Step.Value, push.Node.First)).ShouldBe([(1, 0), (1, 2)]);
    }

    [Fact]
    public void A_gradient_of_an_older_step_is_passed_on()
    {
        Say([0, 1], Push(0, 1, step: 2));
        Say([0, 1], Push(1, 1));
        _runtime.RunFor(TimeSpan.Zero);
        Sent().ShouldHaveSingleItem().Step.ShouldBe(new Step(1));
    }

    [Fact]
    public void A_part_that_is_no_number_leaves_by_itself_with_the_name_of_who_made_it()
    {
        var broken = Push(1, 1, attempt: 5);
        broken.Gradient.Singles!.Span[2] = float.NaN;
        Combine([0, 1], Push(0, 1), broken);
        Sent().Select(push => (push.Node.First, push.Attempt)).ShouldBe([(1, 5), (0, 1)]);
    }

    [Fact]
    public void A_part_that_comes_twice_is_counted_once()
    {
        Combine([0, 1], Push(0, 1), Push(0, 1), Push(1, 1), Push(1, 1));
        Sent().Where(push => push.Node.Count == 2).ShouldHaveSingleItem();
        Values(Sent()[0]).ShouldBe(Sum([0, 1], [1, 1]));
        _pool.Rented.ShouldBe(Sent().Count);
    }

    [Fact]
    public async Task A_combiner_that_stops_gives_back_what_waits()
    {
        Say([0, 1, 2], Push(0, 1));
        Say([0, 1, 2], Push(2, 1));
        _runtime.RunFor(TimeSpan.Zero);
        await _runtime.DisposeAsync();
        _server.Dispose();
        _pool.Rented.ShouldBe(0);
    }

    public void Dispose()
    {
        _runtime.DisposeAsync().AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        _server.Dispose();
        _pool.Rented.ShouldBe(0);
        _pool.Dispose();
    }

    ActorRef Combiner(GradientPrecision precision)
    {
        var routes = new GradientRoutes(Length, [new ParameterServerAddress(_to, s_whole)], isApart: true, precision);
        return _runtime.Spawn($"combiner-{Guid.NewGuid():n}", () => new GradientCombiner(new ShardTree(Shards), CpuDevice.Create(), routes, precision, _pool));
    }

    void Say(int[] hostShards, PushGradient push) => _runtime.Send(_combiner, new CombineGradient(push, hostShards));

    void Combine(int[] hostShards, params PushGradient[] pushes)
    {
        foreach (var push in pushes) Say(hostShards, push);
        _runtime.RunFor(TimeSpan.Zero);
        if (Sent().Sum(push => push.Node.Count) < pushes.Sum(push => push.Node.Count)) _runtime.RunUntilIdle();
    }

    PushGradient Push(int first, int count, int attempt = 1, long step = 1, GradientPrecision precision = GradientPrecision.Fp32) => new(
        _worker, new Step(step), attempt, new ShardRange(first, count), s_whole, _pool.Copy<float>(Rounded(Of(first, count), precision)));

    static float[] Of(int first, int count) => [1f + (first * 0.37f), count * -1.7f, MathF.Pow(3, -first)];

    static float[] Rounded(float[] values, GradientPrecision precision) =>
        precision == GradientPrecision.Bf16 ? Array.ConvertAll(values, Bf16.Round) : values;

    static float[] TreeSum(ShardRange node, GradientPrecision precision)
    {
        if (node.Count == 1) return Rounded(Of(node.First, 1), precision);
        var (left, right) = ShardTree.Split(node);
        return Rounded([.. TreeSum(left, precision).Zip(TreeSum(right, precision), (a, b) => a + b)], precision);
    }

    /// <summary>Of a node and the sum of two leaves beside it, or of two leaves.</summary>
    static float[] Sum(params int[][] parts)
    {
        float[] Add(float[] a, float[] b) => [.. a.Zip(b, (x, y) => x + y)];
        var values = Array.ConvertAll(parts, part => Of(part[0], part[1]));
        return values.Length == 2 ? Add(values[0], values[1]) : Add(values[0], Add(values[1], values[2]));
    }

    static float[] Values(PushGradient push)
    {
        if (push.Gradient.Singles is { } singles) return singles.Span.ToArray();
        var values = new float[push.Gradient.Length];
        Bf16.Widen(push.Gradient.Halves!.Span, values);
        return values;
    }

    List<PushGradient> Sent() => [.. _server.Messages.OfType<PushGradient>()];
}
