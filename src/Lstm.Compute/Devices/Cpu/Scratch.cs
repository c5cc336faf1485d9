namespace LstmCluster.Compute.Cpu;

/// <summary>Working memory of one device: grows to the largest need and stays.</summary>
sealed unsafe class Scratch : IDisposable
{
    readonly HostMemory _memory;
    NativeBlock _floats, _zeros;
    long _floatLength, _zeroLength;

    public Scratch(HostMemory memory) => (_memory, _floats, _zeros) = (memory, new NativeBlock(0, memory), new NativeBlock(0, memory));

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

    public void Dispose()
    {
        _floats.Dispose();
        _zeros.Dispose();
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
