namespace LstmCluster.Compute.Gpu;

/// <summary>Content of device memory on its way to pinned host memory, beside what the device computes.</summary>
/// <param name="block">Where it goes.</param>
/// <param name="bytes">Its length.</param>
/// <param name="giveBack">Takes the block back.</param>
abstract unsafe class GpuReadBack(PinnedBlock block, int bytes, Action<PinnedBlock> giveBack) : IDisposable
{
    /// <summary>What came, after <see cref="Wait"/> and until this is disposed.</summary>
    public ReadOnlySpan<byte> Content => new(block.Pointer, bytes);

    /// <summary>True when it has come.</summary>
    public abstract bool IsDone { get; }

    /// <summary>Waits until it has come.</summary>
    /// <exception cref="GpuException">The device failed.</exception>
    public abstract void Wait();

    /// <summary>Gives the block back; the content must have come, or the device have failed.</summary>
    public void Dispose()
    {
        Forget();
        giveBack(block);
    }

    /// <summary>Releases what tells that it has come.</summary>
    protected abstract void Forget();
}

/// <summary>Pinned host memory.</summary>
/// <param name="address">Where.</param>
/// <param name="bytes">How much.</param>
sealed unsafe class PinnedBlock(nint address, long bytes)
{
    /// <summary>Its first byte.</summary>
    public void* Pointer => (void*)address;

    /// <summary>Its length.</summary>
    public long Bytes => bytes;
}

/// <summary>Pinned host memory that is lent out and comes back.</summary>
/// <param name="allocate">Takes pinned memory of so many bytes, which stays as long as the process lives.</param>
sealed class PinnedBlocks(Func<long, nint> allocate)
{
    readonly Lock _lock = new();
    readonly List<PinnedBlock> _free = [];

    /// <summary>The smallest block of at least so many bytes.</summary>
    public PinnedBlock Take(long bytes)
    {
        lock (_lock)
        {
            var best = -1;
            for (var index = 0; index < _free.Count; index++)
                if (_free[index].Bytes >= bytes && (best < 0 || _free[index].Bytes < _free[best].Bytes))
                    best = index;
            if (best < 0) return new PinnedBlock(allocate(bytes), bytes);
            var found = _free[best];
            _free.RemoveAt(best);
            return found;
        }
    }

    /// <summary>Takes a block back.</summary>
    public void GiveBack(PinnedBlock block)
    {
        lock (_lock) _free.Add(block);
    }
}
