using System.Numerics;

namespace LstmCluster.Compute.Gpu;

/// <summary>Pinned host memory on its way to a device. A block is used again when the device has taken what stood in it.</summary>
/// <param name="allocate">Takes pinned memory of so many bytes, which stays as long as the process lives.</param>
/// <param name="isDone">True when the command of an event is done; the event is released with that.</param>
sealed unsafe class GpuStaging(Func<long, nint> allocate, Func<nint, bool> isDone)
{
    // Small writes (lengths, keys, tokens) are the most: they share blocks of one size.
    const long LeastBytes = 64 * 1024;

    readonly List<Block> _blocks = [];

    /// <summary>A free block of at least so many bytes.</summary>
    public Block Take(long bytes)
    {
        foreach (var block in _blocks)
            if (block.Bytes >= bytes && IsFree(block))
                return block;
        var rounded = Math.Max(LeastBytes, (long)BitOperations.RoundUpToPowerOf2((ulong)bytes));
        var added = new Block(allocate(rounded), rounded);
        _blocks.Add(added);
        return added;
    }

    bool IsFree(Block block)
    {
        if (block.Event == 0) return true;
        if (!isDone(block.Event)) return false;
        block.Event = 0;
        return true;
    }

    /// <summary>Pinned memory.</summary>
    public sealed class Block(nint address, long bytes)
    {
        public void* Pointer => (void*)address;

        public long Bytes => bytes;

        /// <summary>Event of the command that reads it; 0 for none.</summary>
        public nint Event { get; set; }
    }
}
