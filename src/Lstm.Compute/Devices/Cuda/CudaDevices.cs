using System.Text;
using LstmCluster.Compute.Gpu;

namespace LstmCluster.Compute.Cuda;

/// <summary>The NVIDIA GPUs of this machine, in the driver's order.</summary>
public static unsafe class CudaDevices
{
    /// <summary>The first chips whose PTX the kernels are: compute capability 7.0.</summary>
    const int LeastMajor = 7;

    static readonly Lazy<(int Count, string? Absence)> s_found = new(Find);
    static readonly Dictionary<int, CudaRuntime> s_runtimes = [];

    /// <summary>Number of devices.</summary>
    public static int Count => s_found.Value.Count;

    /// <summary>Why there is none, in one line; null when there is one.</summary>
    public static string? Absence => s_found.Value.Absence;

    /// <summary>Every device.</summary>
    /// <exception cref="GpuException">The driver failed.</exception>
    public static IEnumerable<GpuDescription> Describe() => Enumerable.Range(0, Count).Select(Describe);

    /// <summary>A device; all of one number share memory and stream, which stay with the process.</summary>
    /// <param name="number">From 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such device.</exception>
    /// <exception cref="GpuException">The driver failed, or the chip is older than the kernels.</exception>
    public static GpuDevice Open(int number)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)number, (uint)Count, nameof(number));
        lock (s_runtimes)
        {
            if (!s_runtimes.TryGetValue(number, out var runtime))
            {
                var major = Attribute(number, CudaCode.ComputeMajor);
                if (major < LeastMajor)
                    throw new GpuException($"{NameOf(number)}: its compute capability is below {LeastMajor}.0");
                s_runtimes.Add(number, runtime = new CudaRuntime(NameOf(number), Handle(number), major));
            }

            return new GpuDevice(runtime);
        }
    }

    static string NameOf(int number) => $"cuda:{number}";

    static GpuDescription Describe(int number)
    {
        var library = CudaLibrary.Loaded!;
        var name = new byte[256];
        fixed (byte* at = name) Check(library.DeviceGetName(at, name.Length, Handle(number)), number, "cuDeviceGetName");
        nuint memory;
        Check(library.DeviceTotalMem(&memory, Handle(number)), number, "cuDeviceTotalMem");
        int version;
        Check(library.DriverGetVersion(&version), number, "cuDriverGetVersion");
        var (major, minor) = (Attribute(number, CudaCode.ComputeMajor), Attribute(number, CudaCode.ComputeMinor));
        return new GpuDescription(
            NameOf(number), Encoding.UTF8.GetString(name).TrimEnd('\0'), (long)memory, Attribute(number, CudaCode.ComputeUnits),
            $"compute capability {major}.{minor}, driver for CUDA {version / 1000}.{version % 1000 / 10}");
    }

    static int Handle(int number)
    {
        int device;
        Check(CudaLibrary.Loaded!.DeviceGet(&device, number), number, "cuDeviceGet");
        return device;
    }

    static int Attribute(int number, int what)
    {
        int value;
        Check(CudaLibrary.Loaded!.DeviceGetAttribute(&value, what, Handle(number)), number, "cuDeviceGetAttribute");
        return value;
    }

    static void Check(int code, int number, string call)
    {
        if (code != CudaCode.Success) throw GpuException.Of(NameOf(number), call, code, CudaLibrary.Loaded!.Meaning(code));
    }

    static (int Count, string? Absence) Find()
    {
        if (CudaLibrary.Loaded is not { } library) return (0, "no NVIDIA driver (libcuda.so.1)");
        var code = library.Init(0);
        var count = 0;
        if (code == CudaCode.Success) code = library.DeviceGetCount(&count);
        if (code != CudaCode.Success) return (0, $"an NVIDIA driver, but cuInit gave {code} ({library.Meaning(code)})");
        return (count, count == 0 ? "an NVIDIA driver, but no GPU of it" : null);
    }
}
