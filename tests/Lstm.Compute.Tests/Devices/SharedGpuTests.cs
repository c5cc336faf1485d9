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

    /// <summary>What is not one launch a step: layer normalisation needs whole rows between the product and the gates, a projection all units.</summary>
    public static TheoryData<string, bool> OneLaunchAStep =>
    [
        .. from name in LstmVariants.Alone.Keys.Except(["layer normalisation", "projection"]).Concat(["gru", "rnn"])
           from ragged in new[] { false, true }
           select (name, ragged),
    ];

    /// <summary>Recurrent product, gates and states are one kernel forward and one backward; a launch may take longer than what it computes.</summary>
    [Theory]
    [MemberData(nameof(OneLaunchAStep))]
    public void A_step_is_one_launch_forward_and_one_backward(string name, bool ragged)
    {
        RequireDevice();
        var runtime = OpenClDevices.CreateRuntime(0, KernelCache.OfUser());
        const int more = 6;
        (Launches(3 + more) - Launches(3)).ShouldBe(2 * more);

        long Launches(int steps)
        {
            // More units than one work-group of an LSTM's whole sequence has.
            var batch = new RecurrentBatch(RecurrentLayers.Create(name, inputs: 4, units: 9), new(steps, 3), ragged, seed: 95);
            using var device = new GpuDevice(runtime);
            var before = runtime.Launches;
            batch.On(device);
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
