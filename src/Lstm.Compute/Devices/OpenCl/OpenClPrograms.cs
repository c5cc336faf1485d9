using System.Text;
using LstmCluster.Compute.Gpu;

namespace LstmCluster.Compute.OpenCl;

/// <summary>The kernels of one context: each family is compiled, or taken from the cache, when the first of its kernels is needed.</summary>
sealed unsafe class OpenClPrograms(string name, nint context, nint device, KernelCache? cache, KernelForm form)
{
    readonly OpenClLibrary _library = OpenClLibrary.Loaded!;
    readonly Dictionary<string, nint> _programs = [];
    readonly Dictionary<GpuKernel, nint> _kernels = [];
    readonly string _identity = Identity(name, device);
    readonly string _options = Options(name, device);

    /// <summary>Families that were compiled rather than found.</summary>
    public int Compiled { get; private set; }

    /// <summary>Handle of a kernel.</summary>
    public nint Of(GpuKernel kernel)
    {
        if (_kernels.TryGetValue(kernel, out var handle)) return handle;
        if (!_programs.TryGetValue(kernel.Family, out var program)) _programs.Add(kernel.Family, program = Load(kernel.Family));
        int code;
        fixed (byte* at = Terminated(kernel.Name)) handle = _library.CreateKernel(program, at, &code);
        Check(code, $"clCreateKernel({kernel.Name})");
        _kernels.Add(kernel, handle);
        return handle;
    }

    nint Load(string family)
    {
        var source = KernelSources.Of(family, form);
        var key = KernelCache.KeyOf(_identity, _options, source);
        if (cache?.Find(key) is { } binary && FromBinary(binary) is var found && found != 0) return found;
        var program = FromSource(family, source);
        Compiled++;
        if (cache is not null && BinaryOf(program) is { Length: > 0 } compiled) cache.Keep(key, compiled);
        return program;
    }

    nint FromSource(string family, string source)
    {
        var bytes = Encoding.UTF8.GetBytes(source);
        nint program;
        int code;
        fixed (byte* at = bytes)
        {
            var text = at;
            var length = (nuint)bytes.Length;
            program = _library.CreateProgramWithSource(context, 1, &text, &length, &code);
        }

        Check(code, "clCreateProgramWithSource");
        code = Build(program);
        if (code != OpenClCode.Success)
            throw new GpuException($"{name}: clBuildProgram({family}) gave {code} ({OpenClCode.Meaning(code)})\n{Log(program)}");
        return program;
    }

    /// <summary>A program of a kept binary; 0 when the driver does not take it.</summary>
    nint FromBinary(byte[] binary)
    {
        int code, status;
        nint program;
        fixed (byte* at = binary)
        {
            var (bytes, length, on) = ((nint)at, (nuint)binary.Length, device);
            program = _library.CreateProgramWithBinary(context, 1, &on, &length, (byte**)&bytes, &status, &code);
        }

        if (code != OpenClCode.Success) return 0;
        if (Build(program) == OpenClCode.Success) return program;
        _ = _library.ReleaseProgram(program);
        return 0;
    }

    byte[] BinaryOf(nint program)
    {
        nuint length;
        if (_library.GetProgramInfo(program, OpenClCode.ProgramBinarySizes, (nuint)sizeof(nuint), &length, null) != OpenClCode.Success) return [];
        var binary = new byte[length];
        fixed (byte* at = binary)
        {
            var target = at;
            return _library.GetProgramInfo(program, OpenClCode.ProgramBinaries, (nuint)sizeof(byte*), &target, null) == OpenClCode.Success ? binary : [];
        }
    }

    int Build(nint program)
    {
        var on = device;
        fixed (byte* options = Terminated(_options)) return _library.BuildProgram(program, 1, &on, options, null, null);
    }

    string Log(nint program)
    {
        nuint size;
        if (_library.GetProgramBuildInfo(program, device, OpenClCode.BuildLog, 0, null, &size) != OpenClCode.Success) return "";
        var log = new byte[size];
        fixed (byte* at = log) _ = _library.GetProgramBuildInfo(program, device, OpenClCode.BuildLog, size, at, null);
        return Encoding.UTF8.GetString(log).TrimEnd('\0');
    }

    void Check(int code, string call)
    {
        if (code != OpenClCode.Success) throw GpuException.Of(name, call, code, OpenClCode.Meaning(code));
    }

    static string Identity(string name, nint device)
    {
        var info = new OpenClDeviceInfo(name, device);
        return $"{info.Text(OpenClCode.DeviceName)}\n{info.Text(OpenClCode.DeviceVersion)}\n{info.Text(OpenClCode.DriverVersion)}";
    }

    /// <summary>Division and root as IEEE 754 rounds them, where the device can; nothing that would let a compiler change an order.</summary>
    static string Options(string name, nint device)
    {
        var divides = (new OpenClDeviceInfo(name, device).Number(OpenClCode.DeviceFloatConfig) & OpenClCode.FloatConfigCorrectDivide) != 0;
        return divides ? "-cl-std=CL1.2 -cl-fp32-correctly-rounded-divide-sqrt" : "-cl-std=CL1.2";
    }

    static byte[] Terminated(string text) => Encoding.UTF8.GetBytes(text + "\0");
}
