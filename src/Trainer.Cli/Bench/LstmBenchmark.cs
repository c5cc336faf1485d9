using System.Diagnostics;
using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;

namespace LstmCluster.Cli.Bench;

/// <summary>One recurrent layer beside the machine's own peak, taken by turns in one process so that a change of clock rate meets both.</summary>
/// <param name="extent">T, N, D, H.</param>
/// <param name="variant">What the layer is.</param>
/// <param name="slots">Threads, each with a device of its own, that all compute the whole layer at the same time.</param>
/// <param name="recomputeSteps">Of how many steps activations are kept at once, the others' being computed again in the backward pass; 0 for all.</param>
/// <param name="duration">How long to measure, after half of that as warm-up.</param>
sealed class LstmBenchmark(LstmExtent extent, LayerVariant variant, int slots, int recomputeSteps, TimeSpan duration)
{
    const int WarmUpTurns = 2, LeastTurns = 5;

    readonly Stopwatch _clock = new();
    bool _isOver;

    /// <summary>Measures.</summary>
    public LstmFigures Run()
    {
        var layer = variant.Create(extent, recomputeSteps);
        var parameterCount = new ParameterLayout.Builder().Declare("layer", layer).Length;
        var owned = new List<IDisposable>();
        try
        {
            var device = CpuDevice.Create();
            owned.Add(device);
            var weights = layer.CreateWeights(device, training: !extent.IsStreaming);
            owned.Add(weights);
            weights.Load(LstmLayerPass.Filled(device, owned, parameterCount, 5));
            var measured = new LstmSlot[slots];
            for (var index = 0; index < slots; index++) owned.Add(measured[index] = new LstmSlot(extent, variant, layer, weights, parameterCount));
            return Figures(MeasureAll(measured), measured);
        }
        finally
        {
            for (var index = owned.Count - 1; index >= 0; index--) owned[index].Dispose();
        }
    }

    LstmSamples[] MeasureAll(LstmSlot[] measured)
    {
        using var together = new Barrier(slots);
        using var failed = new CancellationTokenSource();
        var threads = measured
            .Select((slot, index) => Task.Factory.StartNew(
                () => Measure(slot, isFirst: index == 0, together, failed), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))
            .ToArray();
        return Task.WhenAll(threads).GetAwaiter().GetResult();
    }

    LstmSamples Measure(LstmSlot slot, bool isFirst, Barrier together, CancellationTokenSource failed)
    {
        try
        {
            var samples = new LstmSamples();
            Repeat(slot, samples, isFirst, together, duration / 2, WarmUpTurns, failed.Token);
            samples.Clear();
            Repeat(slot, samples, isFirst, together, duration, LeastTurns, failed.Token);
            return samples;
        }
        catch
        {
            // The others would wait for this slot for ever.
            failed.Cancel();
            throw;
        }
    }

    /// <summary>All slots do the same at the same time; the first says when it is enough.</summary>
    void Repeat(LstmSlot slot, LstmSamples samples, bool isFirst, Barrier together, TimeSpan limit, int leastTurns, CancellationToken failed)
    {
        Action forward = slot.Forward, backward = slot.Backward;
        if (isFirst) _clock.Restart();
        for (var turn = 0; ; turn++)
        {
            if (isFirst) _isOver = turn >= leastTurns && _clock.Elapsed >= limit;
            together.SignalAndWait(failed);
            if (_isOver) break;
            samples.TakePeak();
            if (extent.IsStreaming) samples.TakeReadPeak(slot);
            slot.Restore();
            together.SignalAndWait(failed);
            var allocated = LstmSamples.Take(forward, samples.ForwardSeconds);
            if (!extent.IsStreaming)
            {
                together.SignalAndWait(failed);
                samples.TakePeak();
                together.SignalAndWait(failed);
                allocated += LstmSamples.Take(backward, samples.BackwardSeconds);
            }

            samples.TakeAllocated(allocated);
        }

        // Nobody begins anew before everybody has seen that it is over.
        together.SignalAndWait(failed);
    }

    LstmFigures Figures(LstmSamples[] samples, LstmSlot[] measured)
    {
        var forward = LstmSamples.Median(samples.SelectMany(s => s.ForwardSeconds));
        var backward = extent.IsStreaming ? 0 : LstmSamples.Median(samples.SelectMany(s => s.BackwardSeconds));
        var operations = slots * variant.ForwardOperations(extent) * (extent.IsStreaming ? 1 : 3);
        var gflops = operations / (forward + backward) / 1e9;
        var peak = slots * LstmSamples.Median(samples.SelectMany(s => s.Peak)) / 1e9;
        return new LstmFigures(
            extent.T, extent.N, extent.D, extent.H, variant.Name, slots, forward * 1e3, extent.IsStreaming ? null : backward * 1e3,
            gflops, peak, gflops / peak, samples.Max(s => s.AllocatedBytes),
            measured.Max(slot => slot.ActivationBytes), measured.Max(slot => slot.WorkingBytes))
        {
            ReadGbps = extent.IsStreaming ? slots * variant.RecurrentBytes(extent) / forward / 1e9 : null,
            PeakReadGbps = extent.IsStreaming ? slots * LstmSamples.Median(samples.SelectMany(s => s.ReadPeak)) / 1e9 : null,
        };
    }
}
