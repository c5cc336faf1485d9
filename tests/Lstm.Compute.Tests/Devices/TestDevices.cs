using LstmCluster.Compute.Cpu;
using LstmCluster.Compute.OpenCl;

namespace LstmCluster.Compute.Tests;

/// <summary>The devices that the suite runs on. A new device kind is one line here.</summary>
/// <remarks>
/// The OpenCL device takes part in what names <see cref="NamesWithGpu"/> or <see cref="PlacedWithGpu"/>: the operations that are proven on it. With the
/// environment variable <c>LSTM_TEST_OPENCL=all</c> it takes part in everything.
/// </remarks>
static class TestDevices
{
    static readonly TestDevice[] Proven =
    [
        new("reference", () => new ReferenceDevice<float>(), ComputesInHostMemory: false),
        new("cpu-4-lanes", () => new CpuDevice<Lanes4>(), ComputesInHostMemory: true),
        new("cpu-8-lanes", () => new CpuDevice<Lanes8>(), ComputesInHostMemory: true),
        new("cpu-16-lanes", () => new CpuDevice<Lanes16>(), ComputesInHostMemory: true),
    ];

    // Where no driver is installed, OpenClDeviceTests says so.
    static readonly TestDevice[] WithGpu =
        OpenClDevices.Count > 0 ? [.. Proven, new("opencl:0", () => OpenClDevices.Open(0), ComputesInHostMemory: false)] : Proven;

    static readonly TestDevice[] All = Environment.GetEnvironmentVariable("LSTM_TEST_OPENCL") == "all" ? WithGpu : Proven;

    /// <summary>Every device.</summary>
    public static TheoryData<string> Names => [.. AllNames];

    /// <summary>Their names.</summary>
    public static IEnumerable<string> AllNames => All.Select(device => device.Name);

    /// <summary>Every device, and the first of OpenCL.</summary>
    public static TheoryData<string> NamesWithGpu => [.. WithGpu.Select(device => device.Name)];

    /// <summary>Every device with every placement that it can have.</summary>
    public static TheoryData<string, Placement> Placed => PlacedOf(All);

    /// <summary>Every device, and the first of OpenCL, with every placement that it can have.</summary>
    public static TheoryData<string, Placement> PlacedWithGpu => PlacedOf(WithGpu);

    /// <summary>The vector widths of the Cpu device. Those that the processor lacks run in software.</summary>
    public static TheoryData<string> CpuWidths => [.. All.Where(device => device.ComputesInHostMemory).Select(device => device.Name)];

    public static IDevice Open(string name) => WithGpu.Single(device => device.Name == name).Open();

    static TheoryData<string, Placement> PlacedOf(TestDevice[] devices) =>
        [.. from device in devices from placement in PlacementsOf(device) select (device.Name, placement)];

    static Placement[] PlacementsOf(TestDevice device) =>
        device.ComputesInHostMemory ? Enum.GetValues<Placement>() : [Placement.BetweenNotNumbers];

    sealed record TestDevice(string Name, Func<IDevice> Open, bool ComputesInHostMemory);
}
