namespace LstmCluster.Compute.Gpu;

/// <summary>One GPU and its queue, as OpenCL, CUDA or another runtime gives them: all that differs between these.</summary>
/// <remarks>
/// Commands take effect in the order in which they are issued, by whichever thread; only <see cref="Read"/> waits for them, and what <see cref="BeginRead"/> copies
/// goes on beside those that are issued after it. Offsets and lengths are bytes.
/// A runtime belongs to the process: devices of several workers share it, so that they share memory.
/// </remarks>
interface IGpuRuntime
{
    /// <summary>The name by which a person selects it, such as <c>opencl:0</c>.</summary>
    string Name { get; }

    /// <summary>True when kernels may compute in double precision.</summary>
    bool HasDoubles { get; }

    /// <summary>True when large products have tiles that only a GPU is faster with.</summary>
    bool HasWideTiles { get; }

    /// <summary>Kernels launched so far.</summary>
    long Launches { get; }

    /// <summary>Bytes of device memory that were taken and not freed.</summary>
    long HeldBytes { get; }

    /// <summary>Whether there are kernels whose products take operands of a precision.</summary>
    bool Supports(ComputePrecision precision);

    /// <summary>Takes memory of undefined content.</summary>
    /// <exception cref="GpuException">The device has no such memory left, or failed.</exception>
    nint Allocate(long bytes);

    /// <summary>Frees memory once all commands that were issued before are done.</summary>
    void Free(nint memory, long bytes);

    /// <summary>Sets every 32-bit element of a run.</summary>
    void Fill(nint memory, long offset, long bytes, int pattern);

    /// <summary>Copies within the device.</summary>
    void Copy(nint source, long sourceOffset, nint target, long targetOffset, long bytes);

    /// <summary>True when memory of another GPU can be copied here without the host.</summary>
    /// <exception cref="GpuException">The driver failed.</exception>
    bool CanCopyFrom(IGpuRuntime other);

    /// <summary>Copies from another GPU: after everything that was issued there before, and before anything that is issued there later.</summary>
    /// <param name="other">One that <see cref="CanCopyFrom"/> says yes to.</param>
    /// <param name="source">Memory there.</param>
    /// <param name="target">Memory here.</param>
    /// <param name="bytes">How much, from the first byte on.</param>
    void CopyFrom(IGpuRuntime other, nint source, nint target, long bytes);

    /// <summary>Copies to the device. What is to be copied may be changed when this returns; the copy itself takes its turn.</summary>
    void Write(nint target, long offset, ReadOnlySpan<byte> source);

    /// <summary>Copies to the host, after everything issued before.</summary>
    void Read(nint source, long offset, Span<byte> target);

    /// <summary>Begins to copy to pinned host memory, after everything issued before, on a way of its own: later commands do not wait for it.</summary>
    GpuReadBack BeginRead(nint source, long offset, long bytes);

    /// <summary>Runs a kernel.</summary>
    void Launch(GpuKernel kernel, GpuGrid grid, ReadOnlySpan<GpuArgument> arguments);

    /// <summary>How many work-groups of a kernel the device promises to run at the same time, so that they may wait for each other; 0 where not even one can run.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="items">Work-items of a group.</param>
    /// <param name="localBytes">Local memory that a launch gives each group.</param>
    int GroupsAtOnce(GpuKernel kernel, int items, int localBytes);

    /// <summary>Runs a kernel whose work-groups wait for each other: no more than <see cref="GroupsAtOnce"/>.</summary>
    void LaunchAtOnce(GpuKernel kernel, GpuGrid grid, ReadOnlySpan<GpuArgument> arguments);
}
