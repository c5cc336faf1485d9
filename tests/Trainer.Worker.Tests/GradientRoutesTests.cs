using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Worker.Tests;

public sealed class GradientRoutesTests : IDisposable
{
    readonly SimulatedRuntime _runtime = new(seed: 1);
    readonly PayloadPool _pool = new();

    [Fact]
    public void Pieces_are_all_of_the_vector_and_each_lies_in_one_bucket_and_with_one_server() =>
        Prop.ForAll(Gen.Choose(1, 5_000_000).ToArbitrary(), Gen.Choose(1, 6).ToArbitrary(), (length, servers) =>
        {
            int[] borders = [0, .. Enumerable.Range(1, servers - 1).Select(server => (int)((long)length * server / servers)), length];
            var slices = borders.Zip(borders.Skip(1), (first, end) => new ParameterRange(first, end - first)).Where(slice => slice.Length > 0).ToArray();
            var routes = Routes(length, slices);
            var next = 0;
            foreach (var piece in routes.Pieces)
            {
                piece.Offset.ShouldBe(next);
                next += piece.Length;
                slices.Count(slice => Contains(slice, piece)).ShouldBe(1);
                ParameterBuckets.Of(length).Count(bucket => Contains(bucket, piece)).ShouldBe(1);
            }

            next.ShouldBe(length);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Servers_of_whole_buckets_get_whole_buckets()
    {
        const int Length = 3_000_000;
        Routes(Length, [.. ParameterBuckets.Split(Length, 3)]).Pieces.ShouldBe(ParameterBuckets.Of(Length));
    }

    [Fact]
    public void A_piece_is_sent_to_the_server_that_keeps_it_and_in_few_bytes_only_to_other_processes()
    {
        var inboxes = new[] { new Inbox(), new Inbox() };
        var servers = inboxes.Select((inbox, index) => _runtime.Spawn($"server-{index}", () => inbox)).ToArray();
        var routes = new GradientRoutes(
            10, [new ParameterServerAddress(servers[0], new ParameterRange(0, 4)), new ParameterServerAddress(servers[1], new ParameterRange(4, 6), "there:1")],
            isApart: false, GradientPrecision.Bf16);
        _runtime.Spawn("sender", () => new Sender(context =>
        {
            foreach (var piece in routes.Pieces)
                routes.Send(new PushGradient(context.Self, new Step(1), 1, new ShardRange(0, 1), piece, _pool.Copy<float>(Enumerable.Repeat(1.5f, piece.Length).ToArray())), _pool, context);
        }));
        _runtime.RunUntilIdle();
        var (near, far) = (inboxes[0].Messages.Cast<PushGradient>().Single(), inboxes[1].Messages.Cast<PushGradient>().Single());
        (near.Slice, near.Gradient.Halves).ShouldBe((new ParameterRange(0, 4), null));
        (far.Slice, far.Gradient.Singles).ShouldBe((new ParameterRange(4, 6), null));
        far.Gradient.Halves!.Span.ToArray().ShouldAllBe(half => half == 0x3FC0);
    }

    [Fact]
    public void Servers_that_leave_a_gap_or_do_not_keep_everything_are_refused()
    {
        Should.Throw<ArgumentException>(() => Routes(10, new ParameterRange(0, 4), new ParameterRange(5, 5)));
        Should.Throw<ArgumentException>(() => Routes(10, new ParameterRange(0, 4), new ParameterRange(4, 5)));
        Should.Throw<ArgumentException>(() => Routes(10));
    }

    public void Dispose()
    {
        _runtime.DisposeAsync().AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        _pool.Dispose();
    }

    GradientRoutes Routes(int length, params ParameterRange[] slices)
    {
        var server = _runtime.Spawn($"server-{Guid.NewGuid():n}", () => new Inbox());
        return new GradientRoutes(length, [.. slices.Select(slice => new ParameterServerAddress(server, slice))], isApart: true, GradientPrecision.Fp32);
    }

    static bool Contains(ParameterRange outer, ParameterRange inner) => outer.Offset <= inner.Offset && inner.Offset + inner.Length <= outer.Offset + outer.Length;

    sealed class Sender(Action<IActorContext> send) : IActor
    {
        public ValueTask StartedAsync(IActorContext context)
        {
            send(context);
            return ValueTask.CompletedTask;
        }

        public ValueTask ReceiveAsync(Message message, IActorContext context) => context.Unhandled(message);
    }
}
