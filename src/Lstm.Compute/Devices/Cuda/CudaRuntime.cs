using System.Runtime.InteropServices;
using System.Text;
using LstmCluster.Compute.Gpu;

namespace LstmCluster.Compute.Cuda;

/// <summary>One NVIDIA GPU: its primary context, a stream, the kernels as PTX. Every call is checked.</summary>
sealed unsafe partial class CudaRuntime : IGpuRuntime
{
    // Parameters of the longest kernel, and some.
    const int MostParameters = 64;

    // So much is copied to the host at once.
    const int PinnedBytes = 4 * 1024 * 1024;

    readonly CudaLibrary _library = CudaLibrary.Loaded ?? throw new GpuException("no NVIDIA driver");
    readonly Lock _lock = new();
    readonly nint _context, _stream, _pool;
    readonly int _device, _computeMajor;
    readonly Dictionary<string, nint> _modules = [];
    readonly Dictionary<GpuKernel, nint> _functions = [];
    readonly GpuStaging _staging;
    long _launches, _heldBytes;

    public CudaRuntime(string name, int device, int computeMajor)
    {
        (Name, _device, _computeMajor) = (name, device, computeMajor);
        nint context, stream, pool;
        Check(_library.DevicePrimaryCtxRetain(&context, device), "cuDevicePrimaryCtxRetain");
        _context = context;
        Enter();
        Check(_library.StreamCreate(&stream, CudaCode.NonBlocking), "cuStreamCreate");
        _stream = stream;

        // What is freed stays with the process, so that the next step takes it without the driver.
        Check(_library.DeviceGetDefaultMemPool(&pool, device), "cuDeviceGetDefaultMemPool");
        var threshold = ulong.MaxValue;
        _pool = pool;
        Check(_library.MemPoolSetAttribute(pool, CudaCode.ReleaseThreshold, &threshold), "cuMemPoolSetAttribute");
        _staging = new GpuStaging(AllocatePinned, IsDone);
    }

    public string Name { get; }

    public bool HasDoubles => true;

    public bool HasWideTiles => true;

    public long Launches => Interlocked.Read(ref _launches);

    public long HeldBytes => Interlocked.Read(ref _heldBytes);

    /// <summary>Other precisions than single take tensor cores that have them, which compute capability 8.0 brought.</summary>
    public bool Supports(ComputePrecision precision) => precision == ComputePrecision.Fp32 || _computeMajor >= 8;

    public nint Allocate(long bytes)
    {
        Enter();
        nint memory;
        var code = _library.MemAllocAsync(&memory, (nuint)bytes, _stream);
        if (code == CudaCode.OutOfMemory) throw new GpuMemoryException(Name, bytes, HeldBytes);
        Check(code, "cuMemAllocAsync");
        Interlocked.Add(ref _heldBytes, bytes);
        return memory;
    }

    public void Free(nint memory, long bytes)
    {
        // In the stream's order, so after the commands that use it.
        _ = _library.CtxSetCurrent(_context);
        _ = _library.MemFreeAsync(memory, _stream);
        Interlocked.Add(ref _heldBytes, -bytes);
    }

    public void Fill(nint memory, long offset, long bytes, int pattern)
    {
        Enter();
        Check(_library.MemsetD32Async((nint)(memory + offset), unchecked((uint)pattern), (nuint)(bytes / sizeof(int)), _stream), "cuMemsetD32Async");
    }

    public void Copy(nint source, long sourceOffset, nint target, long targetOffset, long bytes)
    {
        Enter();
        Check(_library.MemcpyDtoDAsync((nint)(target + targetOffset), (nint)(source + sourceOffset), (nuint)bytes, _stream), "cuMemcpyDtoDAsync");
    }

    public void Write(nint target, long offset, ReadOnlySpan<byte> source)
    {
        lock (_lock)
        {
            Enter();
            var block = _staging.Take(source.Length);
            source.CopyTo(new Span<byte>(block.Pointer, source.Length));
            Check(_library.MemcpyHtoDAsync((nint)(target + offset), block.Pointer, (nuint)source.Length, _stream), "cuMemcpyHtoDAsync");
            block.Event = Record(_stream);
        }
    }

    public void Read(nint source, long offset, Span<byte> target)
    {
        lock (_lock)
        {
            Enter();
            var block = _staging.Take(Math.Min(PinnedBytes, target.Length));
            for (var first = 0; first < target.Length; first += PinnedBytes)
            {
                var count = Math.Min(PinnedBytes, target.Length - first);
                Check(_library.MemcpyDtoHAsync(block.Pointer, (nint)(source + offset + first), (nuint)count, _stream), "cuMemcpyDtoHAsync");
                Check(_library.StreamSynchronize(_stream), "cuStreamSynchronize");
                new ReadOnlySpan<byte>(block.Pointer, count).CopyTo(target[first..]);
            }
        }
    }

    public void Launch(GpuKernel kernel, GpuGrid grid, ReadOnlySpan<GpuArgument> arguments) => Launch(kernel, grid, arguments, isCooperative: false);

    void Launch(GpuKernel kernel, GpuGrid grid, ReadOnlySpan<GpuArgument> arguments, bool isCooperative)
    {
        var values = stackalloc long[MostParameters];
        var parameters = stackalloc void*[MostParameters];
        var localBytes = Put(arguments, values, parameters);
        lock (_lock)
        {
            Enter();
            var function = FunctionOf(kernel);
            Allow(function, kernel, localBytes);
            var (groupsX, groupsY, itemsX, itemsY) = ((uint)grid.GroupsX, (uint)grid.GroupsY, (uint)grid.ItemsX, (uint)grid.ItemsY);
            var code = isCooperative
                ? _library.LaunchCooperativeKernel(function, groupsX, groupsY, 1, itemsX, itemsY, 1, localBytes, _stream, parameters)
                : _library.LaunchKernel(function, groupsX, groupsY, 1, itemsX, itemsY, 1, localBytes, _stream, parameters, null);

            // The name of the call is put together only where it failed.
            if (code != CudaCode.Success)
                throw GpuException.Of(Name, $"{(isCooperative ? "cuLaunchCooperativeKernel" : "cuLaunchKernel")}({kernel.Name})", code, _library.Meaning(code));
            _launches++;
        }
    }

    /// <summary>Lays arguments out as the driver takes them.</summary>
    /// <returns>Bytes of local memory that a group is given. The parameter that stands for them is not looked at: its place has a name in PTX.</returns>
    static uint Put(ReadOnlySpan<GpuArgument> arguments, long* values, void** parameters)
    {
        var (count, localBytes) = (0, 0);
        foreach (ref readonly var argument in arguments)
        {
            if (argument.IsMemory) values[count++] = argument.Memory;
            values[count++] = argument.Bits;
            localBytes += argument.LocalBytes;
        }

        for (var index = 0; index < count; index++) parameters[index] = values + index;
        return (uint)localBytes;
    }

    nint FunctionOf(GpuKernel kernel)
    {
        if (_functions.TryGetValue(kernel, out var function)) return function;
        if (!_modules.TryGetValue(kernel.Family, out var module))
        {
            module = Load(kernel.Family);
            _modules.Add(kernel.Family, module);
        }

        fixed (byte* name = Encoding.UTF8.GetBytes(kernel.Name + "\0"))
            Check(_library.ModuleGetFunction(&function, module, name), $"cuModuleGetFunction({kernel.Name})");
        _functions.Add(kernel, function);
        return function;
    }

    /// <summary>Has the driver compile a family's PTX.</summary>
    /// <exception cref="GpuException">It does not take it: the message has what its compiler says.</exception>
    nint Load(string family)
    {
        nint module;
        var log = stackalloc byte[CudaCode.MostErrorLogBytes];
        log[0] = 0;
        var options = stackalloc int[] { CudaCode.ErrorLogBuffer, CudaCode.ErrorLogBufferBytes };
        var values = stackalloc void*[] { log, (void*)CudaCode.MostErrorLogBytes };
        fixed (byte* image = Encoding.UTF8.GetBytes(KernelSources.Ptx(family) + "\0"))
        {
            var code = _library.ModuleLoadData(&module, image, 2, options, values);
            if (code == CudaCode.Success) return module;
            var said = Marshal.PtrToStringUTF8((nint)log)!.ReplaceLineEndings(" ").Trim();
            throw GpuException.Of(Name, $"cuModuleLoadDataEx({family})", code, $"{_library.Meaning(code)} {said}".Trim());
        }
    }

    nint AllocatePinned(long bytes)
    {
        nint memory;
        Check(_library.MemAllocHost(&memory, (nuint)bytes), "cuMemAllocHost");
        return memory;
    }

    nint Record(nint stream)
    {
        nint taken;
        Check(_library.EventCreate(&taken, CudaCode.WithoutTiming), "cuEventCreate");
        Check(_library.EventRecord(taken, stream), "cuEventRecord");
        return taken;
    }

    bool IsDone(nint command)
    {
        var code = _library.EventQuery(command);
        if (code == CudaCode.NotReady) return false;
        Check(code, "cuEventQuery");
        _ = _library.EventDestroy(command);
        return true;
    }

    /// <summary>A thread's calls go to the context that is current in it.</summary>
    void Enter() => Check(_library.CtxSetCurrent(_context), "cuCtxSetCurrent");

    void Check(int code, string call)
    {
        if (code != CudaCode.Success) throw GpuException.Of(Name, call, code, _library.Meaning(code));
    }
}
