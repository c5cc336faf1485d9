using System.Globalization;
using LstmCluster.Compute.Cuda;
using LstmCluster.Compute.OpenCl;

namespace LstmCluster.Compute.Gpu;

/// <summary>The GPUs of this machine, of every kind.</summary>
public static class GpuDevices
{
    static readonly GpuKind[] s_kinds =
    [
        new("cuda", () => CudaDevices.Count, () => CudaDevices.Absence, CudaDevices.Describe, CudaDevices.Open),
        new("opencl", () => OpenClDevices.Count, () => OpenClDevices.Absence, OpenClDevices.Describe, OpenClDevices.Open),
    ];

    /// <summary>The kinds that there may be devices of.</summary>
    public static IReadOnlyList<GpuKind> Kinds => s_kinds;

    /// <summary>Names of all devices, such as <c>opencl:0</c>.</summary>
    public static IEnumerable<string> Names =>
        from kind in s_kinds from number in Enumerable.Range(0, kind.Count) select string.Create(CultureInfo.InvariantCulture, $"{kind.Name}:{number}");

    /// <summary>Kinds of which there is none, each with the reason in one line.</summary>
    public static IEnumerable<(string Kind, string Reason)> Absent =>
        from kind in s_kinds let reason = kind.Absence where reason is not null select (kind.Name, reason);

    /// <summary>Every device.</summary>
    /// <exception cref="GpuException">A driver failed.</exception>
    public static IEnumerable<GpuDescription> Describe() => s_kinds.SelectMany(kind => kind.Describe());

    /// <summary>A device by its name; devices of one name share memory and queue, which stay with the process.</summary>
    /// <exception cref="ArgumentException">There is none of this name, see <see cref="Names"/>.</exception>
    /// <exception cref="GpuException">A driver failed, or lacks what the kernels need.</exception>
    public static GpuDevice Open(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!Names.Contains(name)) throw new ArgumentException($"there is no device {name}", nameof(name));
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return s_kinds.Single(kind => kind.Name == name[..colon]).Open(int.Parse(name.AsSpan(colon + 1), CultureInfo.InvariantCulture));
    }
}
