namespace LstmCluster.Compute.Cpu;

/// <summary>Working memory of one device: grows to the largest need and stays.</summary>
sealed unsafe class Scratch : IDisposable
{
    readonly HostMemory _memory;
    NativeBlock _floats, _zeros, _rounded, _gathered;
    long _floatLength, _zeroLength, _roundedLength, _gatheredLength;

    public Scratch(HostMemory memory)
    {
        _memory = memory;
        (_floats, _zeros, _rounded, _gathered) = (new NativeBlock(0, memory), new NativeBlock(0, memory), new NativeBlock(0, memory), new NativeBlock(0, memory));
    }

    /// <summary>What operands of matrix products are rounded to.</summary>
    public ComputePrecision Precision { get; set; }

    /// <summary>Bytes taken.</summary>
    public long Bytes => _memory.Bytes;

    /// <summary>Undefined content, until the next call.</summary>
    public float* Floats(long length)
    {
        Grow(ref _floats, ref _floatLength, length);
        return (float*)_floats.Pointer;
    }

    /// <summary>Zeros, which nobody writes.</summary>
    public float* Zeros(long length)
    {
        Grow(ref _zeros, ref _zeroLength, length);
        return (float*)_zeros.Pointer;
    }

    /// <summary>The rounded operand of a product, until the next call; the operand itself in single precision.</summary>
    public float* Rounded(float* operand, long length)
    {
        if (Precision == ComputePrecision.Fp32) return operand;
        Grow(ref _rounded, ref _roundedLength, length);
        var copy = (float*)_rounded.Pointer;
        Buffer.MemoryCopy(operand, copy, length * sizeof(float), length * sizeof(float));
        Round(copy, length);
        return copy;
    }

    /// <summary>Undefined content, for rows of operands that stand apart otherwise; until the next call.</summary>
    public float* Gathered(long length)
    {
        Grow(ref _gathered, ref _gatheredLength, length);
        return (float*)_gathered.Pointer;
    }

    /// <summary>Rounds an operand in place.</summary>
    public void Round(float* operand, long length) => Precision.Round(new Span<float>(operand, checked((int)length)));

    public void Dispose()
    {
        _floats.Dispose();
        _zeros.Dispose();
        _rounded.Dispose();
        _gathered.Dispose();
    }

    void Grow(ref NativeBlock block, ref long length, long needed)
    {
        if (needed <= length) return;
        block.Dispose();

        // Should it fail, the next call finds nothing and tries again.
        length = -1;
        block = new NativeBlock((nuint)needed * sizeof(float), _memory);
        length = needed;
    }
}
