namespace LstmCluster.Compute.Gpu;

public sealed partial class GpuDevice
{
    string? _type;

    /// <summary>The runtime and the maker's name of the chip, such as <c>cuda NVIDIA H200</c>: another chip, or another compiler for it, may round elsewhere.</summary>
    /// <exception cref="GpuException">The driver failed.</exception>
    public string DeviceType => _type ??= $"{Name.Split(':')[0]} {GpuDevices.Describe().First(device => device.Name == Name).Model}";
}
