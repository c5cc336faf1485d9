using LstmCluster.Compute.Gpu;

namespace LstmCluster.Compute.Cuda;

/// <content>Copies from another GPU of the machine, over the link between the two.</content>
sealed unsafe partial class CudaRuntime
{
    readonly Lock _peersLock = new();
    readonly Dictionary<CudaRuntime, bool> _peers = [];

    public bool CanCopyFrom(IGpuRuntime other)
    {
        if (other is not CudaRuntime peer) return false;
        lock (_peersLock)
        {
            if (_peers.TryGetValue(peer, out var found)) return found;
            int can;
            Check(_library.DeviceCanAccessPeer(&can, _device, peer._device), $"cuDeviceCanAccessPeer({peer.Name})");

            // Memory of a pool is its device's own until others are let in.
            if (can != 0) peer.Admit(this);
            _peers.Add(peer, can != 0);
            return can != 0;
        }
    }

    public void CopyFrom(IGpuRuntime other, nint source, nint target, long bytes)
    {
        var peer = (CudaRuntime)other;
        var written = peer.RecordNow();
        try
        {
            Enter();
            Check(_library.StreamWaitEvent(_stream, written, 0), "cuStreamWaitEvent");
            Check(_library.MemcpyPeerAsync(target, _context, source, peer._context, (nuint)bytes, _stream), $"cuMemcpyPeerAsync({peer.Name})");
        }
        finally
        {
            _ = _library.EventDestroy(written);
        }

        // What the peer does later, such as freeing the memory, waits for the copy.
        var copied = RecordNow();
        try
        {
            peer.Enter();
            peer.Check(_library.StreamWaitEvent(peer._stream, copied, 0), "cuStreamWaitEvent");
        }
        finally
        {
            _ = _library.EventDestroy(copied);
        }
    }

    nint RecordNow()
    {
        Enter();
        return Record(_stream);
    }

    void Admit(CudaRuntime reader)
    {
        var access = new CudaAccess(CudaCode.LocationOfDevice, reader._device, CudaCode.ReadAndWrite);
        Enter();
        Check(_library.MemPoolSetAccess(_pool, &access, 1), $"cuMemPoolSetAccess({reader.Name})");
    }
}
