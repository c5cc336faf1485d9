using System.Diagnostics;
using LstmCluster.Compute;
using LstmCluster.Compute.Gpu;

namespace LstmCluster.Cli.Bench;

/// <summary>One recurrent layer on a GPU: as many passes one after the other as make a sample long beside what waiting for the device costs.</summary>
/// <param name="extent">T, N, D, H.</param>
/// <param name="variant">What the layer is.</param>
/// <param name="open">Opens the device.</param>
/// <param name="precision">What operands of matrix products are rounded to.</param>
/// <param name="recomputeSteps">Of how many steps activations are kept at once, the others' being computed again in the backward pass; 0 for all.</param>
/// <param name="duration">How long to measure each kind of pass, after half of that as warm-up.</param>
sealed class GpuLstmBenchmark(LstmExtent extent, LayerVariant variant, Func<IDevice> open, ComputePrecision precision, int recomputeSteps, TimeSpan duration)
{
    const double SampleSeconds = 0.005;
    const int WarmUpPasses = 3, LeastSamples = 7, MostPasses = 1000;

    readonly Layer _layer = variant.Create(extent, recomputeSteps);

    /// <summary>Measures.</summary>
    /// <param name="check">Whether to compare with the processor, which takes its time with large extents.</param>
    public GpuLstmFigures Run(bool check)
    {
        using var device = open();
        device.Use(precision);
        var parameterCount = new ParameterLayout.Builder().Declare("layer", _layer).Length;
        var owned = new List<IDisposable>();
        try
        {
            var weights = Weights(device, owned, parameterCount);
            var forward = MeasureForward(device, weights, parameterCount);
            var both = MeasureBoth(device, weights, parameterCount);
            var gflops = 3 * variant.ForwardOperations(extent) / both.Seconds / 1e9;
            return new GpuLstmFigures(
                extent.T, extent.N, extent.D, extent.H, variant.Name, device.Name, Word(precision), forward.Seconds * 1e3, both.Seconds * 1e3, gflops,
                forward.Seconds * 1e6 / extent.T, both.Seconds * 1e6 / extent.T, forward.Launches, both.Launches, both.AllocatedBytes)
            {
                Error = check ? Error(device, weights, parameterCount) : null,
            };
        }
        finally
        {
            for (var index = owned.Count - 1; index >= 0; index--) owned[index].Dispose();
        }
    }

    Sample MeasureForward(IDevice device, LayerWeights weights, int parameterCount)
    {
        using var pass = new LstmLayerPass(device, extent, _layer, weights, parameterCount, training: false);
        pass.Reserve();
        return Measure(device, pass, pass.Forward);
    }

    Sample MeasureBoth(IDevice device, LayerWeights weights, int parameterCount)
    {
        using var pass = new LstmLayerPass(device, extent, _layer, weights, parameterCount, training: true);
        pass.Reserve();
        return Measure(device, pass, () => ForwardAndBackward(pass));
    }

    Sample Measure(IDevice device, LstmLayerPass pass, Action action)
    {
        var clock = Stopwatch.StartNew();
        var warm = 0;
        do Repeat(pass, action, 1);
        while (++warm < WarmUpPasses || clock.Elapsed < duration / 2);
        var count = (int)Math.Clamp(SampleSeconds / Repeat(pass, action, 1), 1, MostPasses);
        var launches = Launches(device);
        Repeat(pass, action, 1);
        launches = Launches(device) - launches;
        var seconds = new List<double>();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        Repeat(pass, action, count);
        allocated = (GC.GetAllocatedBytesForCurrentThread() - allocated) / count;
        clock.Restart();
        while (seconds.Count < LeastSamples || clock.Elapsed < duration) seconds.Add(Repeat(pass, action, count));
        return new Sample(LstmSamples.Median(seconds), launches, allocated);
    }

    /// <returns>Seconds a pass.</returns>
    static double Repeat(LstmLayerPass pass, Action action, int count)
    {
        var start = Stopwatch.GetTimestamp();
        for (var index = 0; index < count; index++) action();
        pass.Wait();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / count;
    }

    /// <summary>How far output and gradients are from the processor's: the larger of both norms of the difference by the norm.</summary>
    double Error(IDevice device, LayerWeights weights, int parameterCount)
    {
        var (output, gradient) = Results(device, weights, parameterCount);
        using var cpu = ComputeDevices.Open(ComputeDevices.Cpu);
        var owned = new List<IDisposable>();
        try
        {
            var (expected, expectedGradient) = Results(cpu, Weights(cpu, owned, parameterCount), parameterCount);
            return Math.Max(Distance(output, expected), Distance(gradient, expectedGradient));
        }
        finally
        {
            for (var index = owned.Count - 1; index >= 0; index--) owned[index].Dispose();
        }
    }

    (float[] Output, float[] Gradient) Results(IDevice device, LayerWeights weights, int parameterCount)
    {
        using var pass = new LstmLayerPass(device, extent, _layer, weights, parameterCount, training: true);
        pass.Reserve();
        ForwardAndBackward(pass);
        return (pass.ReadOutput(), pass.ReadGradient());
    }

    LayerWeights Weights(IDevice device, List<IDisposable> owned, int parameterCount)
    {
        var weights = _layer.CreateWeights(device, training: true);
        owned.Add(weights);
        weights.Load(LstmLayerPass.Filled(device, owned, parameterCount, 5));
        return weights;
    }

    static void ForwardAndBackward(LstmLayerPass pass)
    {
        pass.Restore();
        pass.Forward();
        pass.Backward();
    }

    static double Distance(float[] found, float[] expected)
    {
        double difference = 0, norm = 0;
        for (var index = 0; index < expected.Length; index++)
        {
            var (have, want) = ((double)found[index], (double)expected[index]);
            difference += (have - want) * (have - want);
            norm += want * want;
        }

        var distance = Math.Sqrt(difference / norm);
        return double.IsFinite(distance) ? distance : double.MaxValue; // JSON has no other way to say that it is wrong
    }

    static long Launches(IDevice device) => device is GpuDevice gpu ? gpu.Launches : 0;

    static string Word(ComputePrecision precision) => precision.ToString().ToLowerInvariant();

    readonly record struct Sample(double Seconds, long Launches, long AllocatedBytes);
}
