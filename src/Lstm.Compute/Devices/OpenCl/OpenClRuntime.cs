using LstmCluster.Compute.Gpu;

namespace LstmCluster.Compute.OpenCl;

/// <summary>One OpenCL device: a context, an in-order queue, the kernels. Every call is checked.</summary>
sealed unsafe partial class OpenClRuntime : IGpuRuntime
{
    readonly OpenClLibrary _library = OpenClLibrary.Loaded ?? throw new GpuException("no OpenCL library");
    readonly Lock _lock = new();
    readonly nint _context, _queue;
    readonly OpenClPrograms _programs;
    readonly GpuStaging _staging;
    readonly long _groupSize, _localBytes;
    long _launches, _heldBytes;

    public OpenClRuntime(string name, nint device, KernelCache? cache, KernelForm? form = null)
    {
        (Name, _device) = (name, device);
        var info = new OpenClDeviceInfo(name, device);
        if (info.Number(OpenClCode.DeviceCompilerAvailable) == 0) throw new GpuException($"{name}: its driver has no compiler for kernels");
        (_groupSize, _localBytes) = ((long)info.Number(OpenClCode.DeviceGroupSize), (long)info.Number(OpenClCode.DeviceLocalMemory));
        if (_groupSize < 64) throw new GpuException($"{name}: its work-groups have fewer than 64 work-items");
        HasDoubles = info.Number(OpenClCode.DeviceDoubleConfig) != 0;
        int code;
        _context = _library.CreateContext(null, 1, &device, null, null, &code);
        Check(code, "clCreateContext");
        _queue = _library.CreateCommandQueue(_context, device, 0, &code);
        Check(code, "clCreateCommandQueue");
        var kernels = form ?? ((info.Number(OpenClCode.DeviceType) & OpenClCode.TypeProcessor) != 0 ? KernelForm.Processor : KernelForm.Gpu);
        HasWideTiles = kernels != KernelForm.Processor && info.Number(OpenClCode.DeviceGroupSize) >= GpuGrid.MostItems;
        _programs = new OpenClPrograms(name, _context, device, cache, kernels);
        _staging = new GpuStaging(bytes => AllocatePinned(bytes, OpenClCode.MapWrite), IsDone);
    }

    public string Name { get; }

    public bool HasDoubles { get; }

    public bool HasWideTiles { get; }

    public long Launches => Interlocked.Read(ref _launches);

    public long HeldBytes => Interlocked.Read(ref _heldBytes);

    /// <summary>Families of kernels that were compiled rather than found in the cache.</summary>
    public int Compiled => _programs.Compiled;

    /// <summary>In software, where operands are put into local memory.</summary>
    public bool Supports(ComputePrecision precision) => true;

    public nint Allocate(long bytes)
    {
        int code;
        var memory = _library.CreateBuffer(_context, OpenClCode.ReadWrite, (nuint)bytes, null, &code);
        if (code is OpenClCode.OutOfDeviceMemory or OpenClCode.OutOfResources or OpenClCode.OutOfHostMemory or OpenClCode.InvalidBufferSize)
            throw new GpuMemoryException(Name, bytes, HeldBytes);
        Check(code, "clCreateBuffer");
        Interlocked.Add(ref _heldBytes, bytes);
        return memory;
    }

    public void Free(nint memory, long bytes)
    {
        // The specification keeps it until the commands that use it are done.
        _ = _library.ReleaseMemObject(memory);
        Interlocked.Add(ref _heldBytes, -bytes);
    }

    public void Fill(nint memory, long offset, long bytes, int pattern) => Check(
        _library.EnqueueFillBuffer(_queue, memory, &pattern, sizeof(int), (nuint)offset, (nuint)bytes, 0, null, null), "clEnqueueFillBuffer");

    public void Copy(nint source, long sourceOffset, nint target, long targetOffset, long bytes) => Check(
        _library.EnqueueCopyBuffer(_queue, source, target, (nuint)sourceOffset, (nuint)targetOffset, (nuint)bytes, 0, null, null), "clEnqueueCopyBuffer");

    /// <remarks>Devices of different contexts know nothing of each other's memory.</remarks>
    public bool CanCopyFrom(IGpuRuntime other) => false;

    public void CopyFrom(IGpuRuntime other, nint source, nint target, long bytes) =>
        throw new NotSupportedException($"{Name} cannot copy from {other.Name}");

    public void Write(nint target, long offset, ReadOnlySpan<byte> source)
    {
        lock (_lock)
        {
            var block = _staging.Take(source.Length);
            source.CopyTo(new Span<byte>(block.Pointer, source.Length));
            nint taken;
            Check(
                _library.EnqueueWriteBuffer(_queue, target, 0, (nuint)offset, (nuint)source.Length, block.Pointer, 0, null, &taken), "clEnqueueWriteBuffer");
            block.Event = taken;
        }
    }

    public void Read(nint source, long offset, Span<byte> target)
    {
        fixed (byte* at = target)
            Check(_library.EnqueueReadBuffer(_queue, source, 1, (nuint)offset, (nuint)target.Length, at, 0, null, null), "clEnqueueReadBuffer");
    }

    public void Launch(GpuKernel kernel, GpuGrid grid, ReadOnlySpan<GpuArgument> arguments)
    {
        // Arguments belong to the kernel object, which all threads share, until it is enqueued.
        lock (_lock)
        {
            var handle = _programs.Of(kernel);
            uint index = 0;
            foreach (ref readonly var argument in arguments)
            {
                if (argument.IsMemory)
                {
                    var memory = argument.Memory;
                    CheckArgument(_library.SetKernelArg(handle, index++, (nuint)sizeof(nint), memory == 0 ? null : &memory), kernel, index);
                }

                if (argument.LocalBytes > 0)
                {
                    CheckArgument(_library.SetKernelArg(handle, index++, (nuint)argument.LocalBytes, null), kernel, index);
                    continue;
                }

                var bits = argument.Bits;
                CheckArgument(_library.SetKernelArg(handle, index++, sizeof(int), &bits), kernel, index);
            }

            var items = stackalloc nuint[] { (nuint)grid.ItemsX, (nuint)grid.ItemsY };
            var all = stackalloc nuint[] { (nuint)grid.GroupsX * items[0], (nuint)grid.GroupsY * items[1] };
            var code = _library.EnqueueNDRangeKernel(_queue, handle, 2, null, all, items, 0, null, null);
            if (code != OpenClCode.Success) throw GpuException.Of(Name, $"clEnqueueNDRangeKernel({kernel.Name})", code, OpenClCode.Meaning(code));
            _launches++;
        }
    }

    /// <remarks>OpenCL promises nothing of several groups: any of them may begin when another one has ended.</remarks>
    public int GroupsAtOnce(GpuKernel kernel, int items, int localBytes) => items <= _groupSize && localBytes <= _localBytes ? 1 : 0;

    public void LaunchAtOnce(GpuKernel kernel, GpuGrid grid, ReadOnlySpan<GpuArgument> arguments)
    {
        if (grid.GroupsX * grid.GroupsY != 1) throw new ArgumentOutOfRangeException(nameof(grid), grid, "groups that wait for each other may never end");
        Launch(kernel, grid, arguments);
    }

    nint AllocatePinned(long bytes, ulong use)
    {
        int code;
        var memory = _library.CreateBuffer(_context, OpenClCode.ReadWrite | OpenClCode.HostMemory, (nuint)bytes, null, &code);
        Check(code, "clCreateBuffer");
        var pointer = _library.EnqueueMapBuffer(_queue, memory, 1, use, 0, (nuint)bytes, 0, null, null, &code);
        Check(code, "clEnqueueMapBuffer");
        return (nint)pointer;
    }

    bool IsDone(nint command)
    {
        int status;
        Check(_library.GetEventInfo(command, OpenClCode.EventStatus, sizeof(int), &status, null), "clGetEventInfo");
        if (status > 0) return false;
        _ = _library.ReleaseEvent(command);
        Check(status, "clEnqueueWriteBuffer");
        return true;
    }

    void CheckArgument(int code, GpuKernel kernel, uint next)
    {
        if (code != OpenClCode.Success) throw GpuException.Of(Name, $"clSetKernelArg({kernel.Name}, {next - 1})", code, OpenClCode.Meaning(code));
    }

    void Check(int code, string call)
    {
        if (code != OpenClCode.Success) throw GpuException.Of(Name, call, code, OpenClCode.Meaning(code));
    }
}
