using LstmCluster.Compute.Gpu;
using LstmCluster.Compute.OpenCl;

namespace LstmCluster.Compute.Tests;

/// <summary>What workers share whose devices are one GPU: its queue, its memory and its kernels.</summary>
public class SharedGpuTests
{
    static readonly LstmCase[] s_layers =
    [
        new(new(9, 5, 7, 33), seed: 90), new(new(4, 13, 20, 40) { Options = LstmVariants.Everything }, seed: 91),
        new LstmCase(new(6, 4, 3, 17), seed: 92).Ragged(seed: 93), new(new(3, 33, 9, 9) { Options = new() { Reverse = true } }, seed: 94),
    ];

    [Fact]
    public async Task Threads_that_issue_at_the_same_time_compute_the_bits_of_one_alone()
    {
        RequireDevice();
        var runtime = OpenClDevices.CreateRuntime(0, KernelCache.OfUser());
        var alone = s_layers.Select(layer => Run(runtime, layer)).ToArray();

        await Task.WhenAll(s_layers.Select((layer, index) => Task.Run(() =>
        {
            for (var turn = 0; turn < 5; turn++) Run(runtime, layer).ShouldHaveTheBitsOf(alone[index], $"{layer}, turn {turn}");
        })));
    }

    [Fact]
    public void Memory_is_given_back_with_what_held_it()
    {
        RequireDevice();
        var runtime = OpenClDevices.CreateRuntime(0, KernelCache.OfUser());
        foreach (var layer in s_layers)
        {
            Run(runtime, layer);
            runtime.HeldBytes.ShouldBe(0);
        }
    }

    /// <summary>Its recurrent product, gates and states are one kernel forward and one backward; a launch may take longer than what it computes.</summary>
    [Fact]
    public void A_step_of_an_LSTM_without_options_is_one_launch_forward_and_one_backward()
    {
        RequireDevice();
        var runtime = OpenClDevices.CreateRuntime(0, KernelCache.OfUser());
        const int more = 12;
        (Launches(5 + more) - Launches(5)).ShouldBe(2 * more);

        long Launches(int steps)
        {
            var before = runtime.Launches;
            Run(runtime, new LstmCase(new(steps, 3, 4, 5), seed: 95));
            return runtime.Launches - before;
        }
    }

    static LstmOutcome Run(IGpuRuntime runtime, LstmCase layer)
    {
        using var device = new GpuDevice(runtime);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        return layer.On(run, shards: [new(0, layer.Shape.Rows)]);
    }

    static void RequireDevice() => Assert.SkipWhen(OpenClDevices.Absence is not null, $"NOT TESTED ON OPENCL: {OpenClDevices.Absence}");
}
