using LstmCluster.Compute.Gpu;
using LstmCluster.Compute.OpenCl;

namespace LstmCluster.Compute.Tests;

/// <summary>
/// The kernels that run all steps of an LSTM at once have the bits of those that run one each. An OpenCL device promises to run one work-group at a time, so several of
/// them run step by step here: the same kernels, which only do not wait for each other.
/// </summary>
public class LstmSequenceTests
{
    // Units of one work-group and of several; rows of one block and of several; an inner index of one part and of several, and no multiple of four.
    static readonly LstmCase[] s_layers =
    [
        new(new(7, 5, 3, 8), seed: 70), new(new(5, 16, 4, 7) { Options = new() { Reverse = true } }, seed: 71), new(new(3, 70, 3, 6), seed: 72),
        new(new(3, 17, 2, 33), seed: 73), new(new(2, 65, 3, 130) { Options = new() { Reverse = true } }, seed: 74), new(new(1, 1, 1, 1), seed: 75),
    ];

    static readonly string[] s_windowed = ["plain", "plain reverse"];

    [Fact]
    public void All_steps_in_one_launch_have_the_bits_of_a_launch_each()
    {
        var runtime = Runtime();
        foreach (var layer in s_layers.Where(layer => layer.Shape.Units <= 8))
        {
            var before = runtime.Launches;
            var found = Run(runtime, layer, groupsAtOnce: null);
            var launches = runtime.Launches - before;
            before = runtime.Launches;
            found.ShouldHaveTheBitsOf(Run(runtime, layer, groupsAtOnce: 0), $"{layer}");
            (runtime.Launches - before - launches).ShouldBe(2 * (layer.Shape.Steps - 1), $"{layer}");
        }
    }

    [Fact]
    public void Several_work_groups_have_the_bits_of_the_steps_own_kernels()
    {
        var runtime = Runtime();
        foreach (var layer in s_layers)
        {
            var wanted = Run(runtime, layer, groupsAtOnce: 0);
            var groups = (layer.Shape.Units + 7) / 8;
            Run(runtime, layer, groupsAtOnce: int.MaxValue).ShouldHaveTheBitsOf(wanted, $"{layer}, few rows a work-item");
            Run(runtime, layer, groups).ShouldHaveTheBitsOf(wanted, $"{layer}, as few groups as can be");
        }
    }

    [Fact]
    public void Windows_of_time_have_the_bits_of_the_whole()
    {
        var runtime = Runtime();
        foreach (var groupsAtOnce in new int?[] { null, 0, int.MaxValue })
        {
            foreach (var name in s_windowed)
            {
                using var device = new GpuDevice(runtime, groupsAtOnce);
                var batch = new RecurrentBatch(RecurrentLayers.Create(name, inputs: 3, units: 6), new(7, 3), ragged: false, seed: 76);
                batch.On(device, batch.WindowsOf(3, 4), [.. Enumerable.Reverse(batch.WindowsOf(2, 5))]).ShouldHaveTheBitsOf(batch.On(device), $"{name}, {groupsAtOnce}");
            }
        }
    }

    static OpenClRuntime Runtime()
    {
        Assert.SkipWhen(OpenClDevices.Absence is not null, $"NOT TESTED ON OPENCL: {OpenClDevices.Absence}");
        return OpenClDevices.CreateRuntime(0, KernelCache.OfUser());
    }

    static LstmOutcome Run(OpenClRuntime runtime, LstmCase layer, int? groupsAtOnce)
    {
        using var device = new GpuDevice(runtime, groupsAtOnce);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        return layer.On(run, shards: [new(0, layer.Shape.Rows)]);
    }
}
