using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>Floats in host memory: owned, or pinned in place.</summary>
sealed unsafe class CpuBuffer : DeviceBuffer
{
    readonly NativeBlock? _owned;
    MemoryHandle _pinned;
    float* _pointer;

    public CpuBuffer(int length, HostMemory memory)
        : base(length)
    {
        _owned = new NativeBlock((nuint)length * sizeof(float), memory);
        _pointer = (float*)_owned.Pointer;
    }

    public CpuBuffer(Memory<float> host)
        : base(host.Length)
    {
        _pinned = host.Pin();
        _pointer = (float*)_pinned.Pointer;
    }

    public float* Pointer => _pointer != null ? _pointer : throw new ObjectDisposedException(nameof(CpuBuffer));

    protected override void Dispose(bool disposing)
    {
        _pointer = null;
        _pinned.Dispose();
        _owned?.Dispose();
    }
}

/// <summary>Whole numbers in host memory.</summary>
sealed unsafe class CpuIndices(int length, HostMemory memory) : DeviceIndices(length)
{
    readonly NativeBlock _block = new((nuint)length * sizeof(int), memory);

    public int* Pointer => (int*)_block.Pointer;

    protected override void Dispose(bool disposing) => _block.Dispose();
}

/// <summary>From operands to pointers: the one place where lengths are checked before a kernel runs.</summary>
static unsafe class CpuOperands
{
    /// <summary>The first element of an operand that must hold at least <paramref name="length"/> elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* At(this DeviceSpan span, long length, [CallerArgumentExpression(nameof(span))] string? name = null)
    {
        if (span.Length < length) throw new ArgumentException($"the operand holds {span.Length} elements where the kernel takes {length}", name);
        return length == 0 ? null : ((CpuBuffer)span.Buffer).Pointer + span.Offset;
    }

    /// <summary>The first element of an operand of indices that must hold at least <paramref name="length"/> elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int* At(this DeviceIndices indices, long length, [CallerArgumentExpression(nameof(indices))] string? name = null)
    {
        if (indices.Length < length) throw new ArgumentException($"the operand holds {indices.Length} indices where the kernel takes {length}", name);
        return ((CpuIndices)indices).Pointer;
    }
}

/// <summary>Native memory with one owner; freed by its finalizer if the owner was lost.</summary>
sealed unsafe class NativeBlock : SafeHandle
{
    readonly nuint _bytes;
    readonly HostMemory _memory;

    public NativeBlock(nuint bytes, HostMemory memory)
        : base(0, ownsHandle: true)
    {
        (_bytes, _memory) = (bytes, memory);
        SetHandle(memory.Take(bytes));
    }

    public override bool IsInvalid => handle == 0;

    public void* Pointer => IsClosed ? throw new ObjectDisposedException(nameof(NativeBlock)) : (void*)handle;

    protected override bool ReleaseHandle()
    {
        _memory.GiveBack(handle, _bytes);
        return true;
    }
}
