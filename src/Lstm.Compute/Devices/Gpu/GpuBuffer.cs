using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LstmCluster.Compute.Gpu;

/// <summary>Device memory with one owner.</summary>
sealed class GpuMemory : SafeHandle
{
    readonly IGpuRuntime _runtime;
    readonly long _bytes;

    /// <summary>Takes zeroed memory.</summary>
    public GpuMemory(IGpuRuntime runtime, long bytes)
        : base(0, ownsHandle: true)
    {
        (_runtime, _bytes) = (runtime, Math.Max(sizeof(int), bytes));
        SetHandle(runtime.Allocate(_bytes));
        runtime.Fill(handle, 0, _bytes, 0);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The runtime's handle.</summary>
    public nint Handle => IsClosed ? throw new ObjectDisposedException(nameof(GpuMemory)) : handle;

    protected override bool ReleaseHandle()
    {
        _runtime.Free(handle, _bytes);
        return true;
    }
}

/// <summary>Floats in device memory.</summary>
sealed class GpuBuffer(int length, IGpuRuntime runtime) : DeviceBuffer(length)
{
    readonly GpuMemory _memory = new(runtime, (long)length * sizeof(float));

    public IGpuRuntime Runtime => runtime;

    public nint Handle => _memory.Handle;

    protected override void Dispose(bool disposing) => _memory.Dispose();
}

/// <summary>Whole numbers in device memory. The host keeps what it wrote, so that they can be checked without asking the device.</summary>
sealed class GpuIndices(int length, IGpuRuntime runtime) : DeviceIndices(length)
{
    readonly GpuMemory _memory = new(runtime, (long)length * sizeof(int));
    readonly int[] _written = new int[length];

    public IGpuRuntime Runtime => runtime;

    public nint Handle => _memory.Handle;

    /// <summary>What was written. Where a kernel chose among classes: the largest number that may stand there.</summary>
    public Span<int> Written => _written;

    protected override void Dispose(bool disposing) => _memory.Dispose();
}

/// <summary>A weight matrix as [Inner,Outer], for the product kernel.</summary>
sealed class GpuMatrix(int rows, int columns, MatrixUse use, IGpuRuntime runtime) : PreparedMatrix(rows, columns, use)
{
    readonly GpuMemory _memory = new(runtime, (long)rows * columns * sizeof(float));

    public IGpuRuntime Runtime => runtime;

    public GpuSpan Values => new(_memory.Handle, 0);

    protected override void Dispose(bool disposing) => _memory.Dispose();
}

/// <summary>From operands to arguments of kernels: the one place where lengths and owners are checked.</summary>
static class GpuOperands
{
    /// <summary>An operand that must hold at least <paramref name="length"/> elements; nothing when that is none.</summary>
    /// <exception cref="ArgumentException">It is shorter, or belongs to another device.</exception>
    public static GpuSpan At(this DeviceSpan span, IGpuRuntime runtime, long length, [CallerArgumentExpression(nameof(span))] string? name = null)
    {
        if (span.Length < length) throw new ArgumentException($"the operand holds {span.Length} elements where the kernel takes {length}", name);
        if (length == 0) return GpuSpan.None;
        return span.Buffer is GpuBuffer buffer && buffer.Runtime == runtime ? new GpuSpan(buffer.Handle, span.Offset) : throw Foreign(runtime, name);
    }

    /// <summary>An operand of indices that must hold at least <paramref name="length"/> elements.</summary>
    /// <exception cref="ArgumentException">It is shorter, or belongs to another device.</exception>
    public static GpuSpan At(this DeviceIndices indices, IGpuRuntime runtime, long length, [CallerArgumentExpression(nameof(indices))] string? name = null)
    {
        if (indices.Length < length) throw new ArgumentException($"the operand holds {indices.Length} indices where the kernel takes {length}", name);
        return indices is GpuIndices own && own.Runtime == runtime ? new GpuSpan(own.Handle, 0) : throw Foreign(runtime, name);
    }

    /// <summary>What the host knows of an operand of indices.</summary>
    public static Span<int> Written(this DeviceIndices indices, int length) => ((GpuIndices)indices).Written[..length];

    /// <summary>A prepared matrix, which must have this extent and use.</summary>
    /// <exception cref="ArgumentException">It has another, or belongs to another device.</exception>
    public static GpuMatrix Of(this PreparedMatrix? matrix, IGpuRuntime runtime, int rows, int columns, MatrixUse use)
    {
        if (matrix is not GpuMatrix own || own.Runtime != runtime) throw Foreign(runtime, nameof(matrix));
        return (own.Rows, own.Columns, own.Use) == (rows, columns, use)
            ? own
            : throw new ArgumentException($"the prepared matrix is [{own.Rows},{own.Columns}] for {own.Use} where the layer takes [{rows},{columns}] for {use}", nameof(matrix));
    }

    static ArgumentException Foreign(IGpuRuntime runtime, string? name) => new($"the operand does not lie in memory of {runtime.Name}", name);
}
