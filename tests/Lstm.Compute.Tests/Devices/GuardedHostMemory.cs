using System.Collections.Concurrent;
using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

/// <summary>Memory for a whole device, every block of which has a page without access on both sides and touches one: buffers, indices, prepared matrices, working memory.</summary>
sealed class GuardedHostMemory(Placement placement) : HostMemory
{
    readonly ConcurrentDictionary<nint, GuardedMemory> _blocks = new();

    protected override unsafe nint Allocate(nuint bytes)
    {
        var memory = new GuardedMemory(checked((int)((bytes + sizeof(float) - 1) / sizeof(float))), placement);
        var block = (nint)memory.Pin().Pointer;
        _blocks[block] = memory;
        return block;
    }

    protected override void Free(nint block)
    {
        if (_blocks.TryRemove(block, out var memory))
            ((IDisposable)memory).Dispose();
    }
}
