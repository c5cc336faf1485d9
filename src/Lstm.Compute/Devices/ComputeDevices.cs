using LstmCluster.Compute.Cpu;
using LstmCluster.Compute.Gpu;

namespace LstmCluster.Compute;

/// <summary>All of this machine that can be computed on, by name: <c>cpu</c>, <c>cuda:0</c>, <c>opencl:0</c>.</summary>
public static class ComputeDevices
{
    /// <summary>The name of the host's processor: a thread of it is a device.</summary>
    public const string Cpu = "cpu";

    /// <summary>Names of all devices, the processor's first. Drivers are asked.</summary>
    public static IEnumerable<string> Names => GpuDevices.Names.Prepend(Cpu);

    /// <summary>A device for one thread at a time.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ArgumentException">There is none of this name, see <see cref="Names"/>.</exception>
    /// <exception cref="GpuException">A driver failed, or lacks what the kernels need.</exception>
    public static IDevice Open(string name) => name == Cpu ? CpuDevice.Create() : GpuDevices.Open(name);

    /// <summary>Why there is no device of the kind that a name says, such as <c>cuda</c> of <c>cuda:0</c>, in one line.</summary>
    /// <returns>Null when there is one, or the kind is unknown.</returns>
    public static string? AbsenceOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var kind = name.Split(':')[0];
        return GpuDevices.Absent.FirstOrDefault(absent => absent.Kind == kind).Reason;
    }

    /// <summary>Names of the devices that can compute in a precision. Those whose driver fails are left out.</summary>
    public static IEnumerable<string> NamesWith(ComputePrecision precision) => Names.Where(name => Supports(name, precision));

    static bool Supports(string name, ComputePrecision precision)
    {
        try
        {
            using var device = Open(name);
            return device.Supports(precision);
        }
        catch (GpuException)
        {
            return false;
        }
    }
}
