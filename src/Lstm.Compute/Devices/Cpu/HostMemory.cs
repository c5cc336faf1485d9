using System.Runtime.InteropServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>Where a device's native memory comes from, and how many bytes of it are out. Blocks may be given back by any thread.</summary>
unsafe class HostMemory
{
    const int Alignment = 64;
    long _bytes;

    /// <summary>Bytes that were taken and not given back.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Takes a block of zeros.</summary>
    public nint Take(nuint bytes)
    {
        var block = Allocate(bytes);
        Interlocked.Add(ref _bytes, (long)bytes);
        return block;
    }

    /// <summary>Gives a block back.</summary>
    /// <param name="block">What <see cref="Take"/> gave.</param>
    /// <param name="bytes">What was asked of it.</param>
    public void GiveBack(nint block, nuint bytes)
    {
        Free(block);
        Interlocked.Add(ref _bytes, -(long)bytes);
    }

    /// <summary>Zeros at a 64-byte boundary, where vectors are read fastest; kernels take them anywhere.</summary>
    protected virtual nint Allocate(nuint bytes)
    {
        var taken = Math.Max(1, bytes);
        var block = NativeMemory.AlignedAlloc(taken, Alignment);
        NativeMemory.Clear(block, taken);
        return (nint)block;
    }

    /// <summary>Frees what <see cref="Allocate"/> gave.</summary>
    protected virtual void Free(nint block) => NativeMemory.AlignedFree((void*)block);
}
