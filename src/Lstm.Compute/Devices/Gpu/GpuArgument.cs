namespace LstmCluster.Compute.Gpu;

/// <summary>Elements of device memory, as a kernel takes them: memory and the index of the first element, -1 for an operand that is left out.</summary>
/// <param name="Memory">Handle of the memory; 0 for none.</param>
/// <param name="First">Index of the first element.</param>
readonly record struct GpuSpan(nint Memory, int First)
{
    /// <summary>An operand that is left out.</summary>
    public static GpuSpan None => new(0, -1);

    /// <summary>True for an operand that is there.</summary>
    public bool IsGiven => First >= 0;

    /// <summary>From another element on; nothing stays nothing.</summary>
    /// <exception cref="OverflowException">The element lies beyond the longest memory.</exception>
    public GpuSpan From(long offset) => IsGiven ? this with { First = checked((int)(First + offset)) } : this;
}

/// <summary>One argument of a kernel: memory, which the kernel takes as two parameters, a scalar of 32 bits, or local memory of its work-groups.</summary>
readonly struct GpuArgument
{
    GpuArgument(nint memory, int bits, bool isMemory, int localBytes = 0) => (Memory, Bits, IsMemory, LocalBytes) = (memory, bits, isMemory, localBytes);

    /// <summary>Handle of the memory; 0 for none.</summary>
    public nint Memory { get; }

    /// <summary>The scalar, or the index of the memory's first element.</summary>
    public int Bits { get; }

    /// <summary>True for memory.</summary>
    public bool IsMemory { get; }

    /// <summary>Bytes of local memory of each work-group; 0 for other arguments.</summary>
    public int LocalBytes { get; }

    /// <summary>Local memory of each work-group.</summary>
    public static GpuArgument Local(int bytes) => new(0, 0, isMemory: false, bytes);

    public static implicit operator GpuArgument(GpuSpan span) => new(span.Memory, span.First, isMemory: true);

    public static implicit operator GpuArgument(int value) => new(0, value, isMemory: false);

    public static implicit operator GpuArgument(uint value) => new(0, unchecked((int)value), isMemory: false);

    public static implicit operator GpuArgument(float value) => new(0, BitConverter.SingleToInt32Bits(value), isMemory: false);

    public static implicit operator GpuArgument(bool value) => new(0, value ? 1 : 0, isMemory: false);
}
