using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

/// <summary>The devices that the whole suite runs on. A new device kind is one line here.</summary>
static class TestDevices
{
    static readonly TestDevice[] All =
    [
        new("reference", () => new ReferenceDevice<float>(), ComputesInHostMemory: false),
        new("cpu-4-lanes", () => new CpuDevice<Lanes4>(), ComputesInHostMemory: true),
        new("cpu-8-lanes", () => new CpuDevice<Lanes8>(), ComputesInHostMemory: true),
        new("cpu-16-lanes", () => new CpuDevice<Lanes16>(), ComputesInHostMemory: true),
    ];

    /// <summary>Every device.</summary>
    public static TheoryData<string> Names => [.. AllNames];

    /// <summary>Their names.</summary>
    public static IEnumerable<string> AllNames => All.Select(device => device.Name);

    /// <summary>Every device with every placement that it can have.</summary>
    public static TheoryData<string, Placement> Placed => [.. from device in All from placement in PlacementsOf(device) select (device.Name, placement)];

    /// <summary>The vector widths of the Cpu device. Those that the processor lacks run in software.</summary>
    public static TheoryData<string> CpuWidths => [.. All.Where(device => device.ComputesInHostMemory).Select(device => device.Name)];

    public static IDevice Open(string name) => All.Single(device => device.Name == name).Open();

    static Placement[] PlacementsOf(TestDevice device) =>
        device.ComputesInHostMemory ? Enum.GetValues<Placement>() : [Placement.BetweenNotNumbers];

    sealed record TestDevice(string Name, Func<IDevice> Open, bool ComputesInHostMemory);
}
