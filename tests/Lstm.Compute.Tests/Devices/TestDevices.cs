using LstmCluster.Compute.Cpu;
using LstmCluster.Compute.Gpu;

namespace LstmCluster.Compute.Tests;

/// <summary>The devices that the suite runs on. A new device kind is one line here.</summary>
/// <remarks>
/// The environment variable <c>LSTM_TEST_DEVICES</c> names those to run on instead of all, such as <c>opencl:0</c> or <c>cuda:0,reference</c>. Where no
/// driver of a GPU is installed, <see cref="OpenClDeviceTests"/> says so.
/// </remarks>
static class TestDevices
{
    static readonly TestDevice[] Known =
    [
        new("reference", () => new ReferenceDevice<float>(), ComputesInHostMemory: false),
        new("cpu-4-lanes", () => new CpuDevice<Lanes4>(), ComputesInHostMemory: true),
        new("cpu-8-lanes", () => new CpuDevice<Lanes8>(), ComputesInHostMemory: true),
        new("cpu-16-lanes", () => new CpuDevice<Lanes16>(), ComputesInHostMemory: true),

        // The first GPU of each kind.
        .. from name in GpuDevices.Names where name.EndsWith(":0", StringComparison.Ordinal)
           select new TestDevice(name, () => GpuDevices.Open(name), ComputesInHostMemory: false),
    ];

    static readonly string? Chosen = Environment.GetEnvironmentVariable("LSTM_TEST_DEVICES");
    static readonly TestDevice[] All = AreChosen ? [.. Chosen!.Split(',').Select(name => Known.Single(device => device.Name == name))] : Known;

    /// <summary>True when the environment names the devices to run on.</summary>
    public static bool AreChosen => !string.IsNullOrEmpty(Chosen);

    /// <summary>Every device.</summary>
    public static TheoryData<string> Names => [.. AllNames];

    /// <summary>Their names.</summary>
    public static IEnumerable<string> AllNames => All.Select(device => device.Name);

    /// <summary>Every device with every placement that it can have.</summary>
    public static TheoryData<string, Placement> Placed =>
        [.. from device in All from placement in PlacementsOf(device) select (device.Name, placement)];

    /// <summary>The vector widths of the Cpu device, whichever devices are chosen. Those that the processor lacks run in software.</summary>
    public static TheoryData<string> CpuWidths => [.. Known.Where(device => device.ComputesInHostMemory).Select(device => device.Name)];

    public static IDevice Open(string name) => Known.Single(device => device.Name == name).Open();

    static Placement[] PlacementsOf(TestDevice device) =>
        device.ComputesInHostMemory ? Enum.GetValues<Placement>() : [Placement.BetweenNotNumbers];

    sealed record TestDevice(string Name, Func<IDevice> Open, bool ComputesInHostMemory);
}
