using LstmCluster.Actors;
using LstmCluster.Training;

namespace Trainer.Worker.Tests;

public sealed class WeightCacheTests : IDisposable
{
    readonly Training _training = new();

    [Fact]
    public void Who_acquires_the_same_weights_shares_what_was_prepared()
    {
        var weights = _training.Weights();
        using (var first = Acquire(weights))
        using (var second = Acquire(weights))
        {
            second.Weights.ShouldBeSameAs(first.Weights);
            weights.References.ShouldBe(1 + Training.ReferencesInUse);
        }

        weights.References.ShouldBe(1);
    }

    [Fact]
    public void Different_weights_are_prepared_apart()
    {
        var (one, two) = (_training.Weights(1), _training.Weights(2));
        using var first = Acquire(one, version: 1);
        using var second = Acquire(two, version: 2);
        second.Weights.ShouldNotBeSameAs(first.Weights);
        LossWith(first).ShouldNotBe(LossWith(second));
        LossWith(first).ShouldBe(PlainLoss(one));
        LossWith(second).ShouldBe(PlainLoss(two));
    }

    [Fact]
    public void Memory_is_used_again_when_the_last_lease_is_given_back()
    {
        var (one, two) = (_training.Weights(1), _training.Weights(2));
        var first = Acquire(one, version: 1);
        var prepared = first.Weights;
        first.Dispose();
        using var second = Acquire(two, version: 2);
        second.Weights.ShouldBeSameAs(prepared);
        LossWith(second).ShouldBe(PlainLoss(two));
    }

    [Fact]
    public void A_lease_keeps_its_version_until_it_is_given_back_itself()
    {
        var (one, two) = (_training.Weights(1), _training.Weights(2));
        var first = Acquire(one, version: 1);
        using var also = Acquire(one, version: 1);
        first.Dispose();
        first.Dispose();
        using var second = Acquire(two, version: 2);
        second.Weights.ShouldNotBeSameAs(also.Weights);
        LossWith(also).ShouldBe(PlainLoss(one));
    }

    [Fact]
    public void Weights_acquired_again_after_the_last_lease_are_prepared_anew()
    {
        var weights = _training.Weights(1);
        Acquire(weights, version: 1).Dispose();

        // The same payload under the same number, as after going back to a checkpoint, may hold something else.
        _training.Model.Parameters.Initialize(2, weights.Span);
        using var again = Acquire(weights, version: 1);
        LossWith(again).ShouldBe(PlainLoss(_training.Weights(2)));
    }

    [Fact]
    public async Task Threads_that_acquire_at_the_same_time_all_get_whole_weights()
    {
        const int Threads = 4, Versions = 25;
        var weights = Enumerable.Range(0, Versions).Select(version => _training.Weights((ulong)version)).ToArray();
        var expected = weights.Select(PlainLoss).ToArray();
        var seen = new double[Threads, Versions];
        using var together = new Barrier(Threads);
        var threads = Enumerable.Range(0, Threads).Select(index => Task.Factory.StartNew(
            () =>
            {
                using var computer = _training.Computer();
                for (var version = 0; version < Versions; version++)
                {
                    together.SignalAndWait();
                    using var lease = Acquire(weights[version], version);
                    seen[index, version] = LossWith(lease, computer);
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        await Task.WhenAll(threads);
        for (var index = 0; index < Threads; index++)
            Enumerable.Range(0, Versions).Select(version => seen[index, version]).ShouldBe(expected);
        weights.ShouldAllBe(payload => payload.References == 1);
    }

    public void Dispose()
    {
        _training.HeldReferences.ShouldBe(0);
        _training.Dispose();
    }

    WeightLease Acquire(Payload<float> weights, long version = 1) => _training.Cache.Acquire(Training.Publish(weights, version));

    /// <summary>The loss with weights that no cache has seen.</summary>
    double PlainLoss(Payload<float> weights)
    {
        using var cache = new WeightCache(_training.Model, LstmCluster.Compute.Cpu.CpuDevice.Create(), _training.Pool);
        using var lease = cache.Acquire(Training.Publish(weights));
        return LossWith(lease);
    }

    double LossWith(WeightLease lease)
    {
        using var computer = _training.Computer();
        return LossWith(lease, computer);
    }

    double LossWith(WeightLease lease, ShardComputer computer)
    {
        var assignment = _training.Assign([0, 1], Training.Evaluation(1));
        var computed = new Computed();
        computed.Take(computer.Forward(assignment, lease.Weights));
        assignment.Release();
        return computed.Losses.Values.Sum(loss => loss.Loss);
    }
}
