using System.Text;
using LstmCluster.Compute.Gpu;

namespace LstmCluster.Compute.OpenCl;

/// <summary>The OpenCL devices of this machine, of all platforms, numbered in the order in which the system gives them.</summary>
public static unsafe class OpenClDevices
{
    static readonly Lazy<(List<nint> Devices, string? Absence)> s_found = new(Find);
    static readonly Dictionary<int, OpenClRuntime> s_runtimes = [];

    /// <summary>Number of devices.</summary>
    public static int Count => s_found.Value.Devices.Count;

    /// <summary>Why there is none, in one line; null when there is one.</summary>
    public static string? Absence => s_found.Value.Absence;

    /// <summary>Every device.</summary>
    /// <exception cref="GpuException">A driver failed.</exception>
    public static IEnumerable<GpuDescription> Describe() => Enumerable.Range(0, Count).Select(Describe);

    /// <summary>A device; all of one number share memory and queue, which stay with the process.</summary>
    /// <param name="number">From 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such device.</exception>
    /// <exception cref="GpuException">A driver failed, or lacks what the kernels need.</exception>
    public static GpuDevice Open(int number)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)number, (uint)Count, nameof(number));
        lock (s_runtimes)
        {
            if (!s_runtimes.TryGetValue(number, out var runtime))
                s_runtimes.Add(number, runtime = new OpenClRuntime(NameOf(number), s_found.Value.Devices[number], KernelCache.OfUser()));
            return new GpuDevice(runtime);
        }
    }

    /// <summary>A runtime of its own, with kernels from another place.</summary>
    internal static OpenClRuntime CreateRuntime(int number, KernelCache? cache, KernelForm? form = null) =>
        new(NameOf(number), s_found.Value.Devices[number], cache, form);

    static string NameOf(int number) => $"opencl:{number}";

    static GpuDescription Describe(int number)
    {
        var info = new OpenClDeviceInfo(NameOf(number), s_found.Value.Devices[number]);
        return new GpuDescription(
            NameOf(number), info.Text(OpenClCode.DeviceName), (long)info.Number(OpenClCode.DeviceGlobalMemory), (int)info.Number(OpenClCode.DeviceComputeUnits),
            $"{info.Text(OpenClCode.DeviceVersion)}, driver {info.Text(OpenClCode.DriverVersion)}");
    }

    static (List<nint> Devices, string? Absence) Find()
    {
        if (OpenClLibrary.Loaded is not { } library) return ([], "no OpenCL library (libOpenCL.so.1)");
        uint platformCount;
        var code = library.GetPlatformIDs(0, null, &platformCount);
        if (code is not (OpenClCode.Success or OpenClCode.NoPlatform)) return ([], $"clGetPlatformIDs gave {code} ({OpenClCode.Meaning(code)})");
        if (code == OpenClCode.NoPlatform || platformCount == 0) return ([], "an OpenCL library, but no driver for it");
        var platforms = new nint[platformCount];
        fixed (nint* at = platforms) _ = library.GetPlatformIDs(platformCount, at, null);
        List<nint> devices = [];
        foreach (var platform in platforms)
        {
            uint count;
            if (library.GetDeviceIDs(platform, OpenClCode.EveryKind, 0, null, &count) != OpenClCode.Success || count == 0) continue;
            var found = new nint[count];
            fixed (nint* at = found)
                if (library.GetDeviceIDs(platform, OpenClCode.EveryKind, count, at, null) == OpenClCode.Success)
                    devices.AddRange(found);
        }

        return (devices, devices.Count == 0 ? "an OpenCL driver, but no device of it" : null);
    }
}

/// <summary>Questions to a device.</summary>
readonly unsafe struct OpenClDeviceInfo(string name, nint device)
{
    /// <summary>A text.</summary>
    public string Text(uint what)
    {
        var library = OpenClLibrary.Loaded!;
        nuint size;
        Check(library.GetDeviceInfo(device, what, 0, null, &size));
        var bytes = new byte[size];
        fixed (byte* at = bytes) Check(library.GetDeviceInfo(device, what, size, at, null));
        return Encoding.UTF8.GetString(bytes).TrimEnd('\0').Trim();
    }

    /// <summary>A number of 32 or 64 bits.</summary>
    public ulong Number(uint what)
    {
        ulong value = 0;
        Check(OpenClLibrary.Loaded!.GetDeviceInfo(device, what, sizeof(ulong), &value, null));
        return value;
    }

    void Check(int code)
    {
        if (code != OpenClCode.Success) throw GpuException.Of(name, "clGetDeviceInfo", code, OpenClCode.Meaning(code));
    }
}
