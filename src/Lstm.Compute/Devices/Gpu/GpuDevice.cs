using System.Runtime.InteropServices;

namespace LstmCluster.Compute.Gpu;

/// <summary>A GPU through one of its runtimes: every operation is a few kernels, which are issued and not waited for.</summary>
/// <remarks>
/// Devices of one runtime share its memory and its queue. A device itself is used by one thread at a time; several of them may be at once. The kernels
/// are those of <c>Kernels/*.cl</c>, which mirror the Cpu's, sum in the same order, and round where those do.
/// </remarks>
public sealed partial class GpuDevice : IDevice
{
    readonly IGpuRuntime _runtime;
    readonly GpuScratch _scratch;
    ComputePrecision _precision;

    /// <param name="runtime">The GPU.</param>
    /// <param name="groupsAtOnce">
    /// Has the kernels for whole sequences run step by step, in at most so many work-groups; 0 for never. Without it they run where the GPU runs all their groups
    /// at the same time. So they are held to the bits of others on a GPU that promises nothing.
    /// </param>
    internal GpuDevice(IGpuRuntime runtime, int? groupsAtOnce = null) =>
        (_runtime, _scratch, _groupsAtOnce) = (runtime, new GpuScratch(runtime), groupsAtOnce);

    /// <inheritdoc/>
    public string Name => _runtime.Name;

    /// <inheritdoc/>
    public bool Supports(ComputePrecision precision) => _runtime.Supports(precision);

    /// <inheritdoc/>
    public void Use(ComputePrecision precision) =>
        _precision = Supports(precision) ? precision : throw new NotSupportedException($"{Name} cannot compute in {precision}");

    /// <summary>Kernels that this device and all others of its runtime launched so far.</summary>
    public long Launches => _runtime.Launches;

    /// <summary>Bytes of device memory that this process holds.</summary>
    public long HeldBytes => _runtime.HeldBytes;

    /// <inheritdoc/>
    public DeviceBuffer Allocate(int length) => new GpuBuffer(length, _runtime);

    /// <inheritdoc/>
    public DeviceIndices AllocateIndices(int length) => new GpuIndices(length, _runtime);

    /// <inheritdoc/>
    public DeviceBuffer Import(Memory<float> host)
    {
        var buffer = new GpuBuffer(host.Length, _runtime);
        Write(buffer.All, host.Span);
        return buffer;
    }

    /// <inheritdoc/>
    /// <remarks>Between GPUs of one machine that reach each other's memory, as CUDA devices may.</remarks>
    public DeviceBuffer? ImportFrom(DeviceBuffer other)
    {
        if (other is not GpuBuffer { Length: > 0 } there || there.Runtime == _runtime || !_runtime.CanCopyFrom(there.Runtime)) return null;
        var buffer = new GpuBuffer(there.Length, _runtime);
        try
        {
            _runtime.CopyFrom(there.Runtime, there.Handle, buffer.Handle, Bytes(there.Length));
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Write(DeviceSpan target, ReadOnlySpan<float> source)
    {
        var to = At(target, source.Length);
        if (to.IsGiven) _runtime.Write(to.Memory, Bytes(to.First), MemoryMarshal.AsBytes(source));
    }

    /// <inheritdoc/>
    public void Write(DeviceIndices target, ReadOnlySpan<int> source)
    {
        var to = At(target, source.Length);
        if (source.IsEmpty) return;
        source.CopyTo(target.Written(source.Length));
        _runtime.Write(to.Memory, 0, MemoryMarshal.AsBytes(source));
    }

    /// <inheritdoc/>
    public void Read(DeviceSpan source, Span<float> target)
    {
        var from = At(source, target.Length);
        if (from.IsGiven) _runtime.Read(from.Memory, Bytes(from.First), MemoryMarshal.AsBytes(target));
    }

    /// <inheritdoc/>
    public void Copy(DeviceSpan source, DeviceSpan target) => Copy(At(source, target.Length), At(target, target.Length), target.Length);

    /// <inheritdoc/>
    public void Fill(DeviceSpan target, float value) => Fill(At(target, target.Length), target.Length, BitConverter.SingleToInt32Bits(value));

    /// <summary>Frees the working memory. The runtime stays with the process.</summary>
    public void Dispose()
    {
        _scratch.Dispose();
        _arrived?.Dispose();
    }

    static long Bytes(long elements) => elements * sizeof(float);

    GpuSpan At(DeviceSpan span, long length, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(span))] string? name = null) =>
        span.At(_runtime, length, name);

    GpuSpan At(DeviceIndices indices, long length, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(indices))] string? name = null) =>
        indices.At(_runtime, length, name);

    GpuSpan AtAny(DeviceIndices? indices, long length) => indices is null ? GpuSpan.None : At(indices, length);

    GpuSpan AtAny(DeviceSpan span, long length) => span.IsEmpty ? GpuSpan.None : At(span, length);

    void Copy(GpuSpan source, GpuSpan target, long length)
    {
        if (length > 0) _runtime.Copy(source.Memory, Bytes(source.First), target.Memory, Bytes(target.First), Bytes(length));
    }

    void Fill(GpuSpan target, long length, int pattern = 0)
    {
        if (length > 0) _runtime.Fill(target.Memory, Bytes(target.First), Bytes(length), pattern);
    }

    void Launch(GpuKernel kernel, GpuGrid grid, ReadOnlySpan<GpuArgument> arguments)
    {
        if (!grid.IsEmpty) _runtime.Launch(kernel.In(_precision), grid, arguments);
    }

    static void Check(RowRange rows, int batchRows)
    {
        if (rows.First < 0 || rows.Count < 0 || rows.First > batchRows - rows.Count)
            throw new ArgumentOutOfRangeException(nameof(rows), rows, $"the rows must lie within the {batchRows} rows of the batch");
    }
}
