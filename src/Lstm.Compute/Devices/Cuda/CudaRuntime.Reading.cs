using LstmCluster.Compute.Gpu;

namespace LstmCluster.Compute.Cuda;

/// <content>Copies to the host beside what the device computes: a second stream, which waits for the first one's commands.</content>
sealed unsafe partial class CudaRuntime
{
    PinnedBlocks? _readBlocks;
    nint _copies;

    public GpuReadBack BeginRead(nint source, long offset, long bytes)
    {
        lock (_lock)
        {
            Enter();
            if (_copies == 0) OpenCopies();
            var block = _readBlocks!.Take(bytes);
            try
            {
                var before = Record(_stream);
                var code = _library.StreamWaitEvent(_copies, before, 0);
                _ = _library.EventDestroy(before);
                Check(code, "cuStreamWaitEvent");
                Check(_library.MemcpyDtoHAsync(block.Pointer, (nint)(source + offset), (nuint)bytes, _copies), "cuMemcpyDtoHAsync");
                return new ReadBack(this, Record(_copies), block, checked((int)bytes));
            }
            catch
            {
                _readBlocks.GiveBack(block);
                throw;
            }
        }
    }

    void OpenCopies()
    {
        nint copies;
        Check(_library.StreamCreate(&copies, CudaCode.NonBlocking), "cuStreamCreate");
        (_copies, _readBlocks) = (copies, new PinnedBlocks(AllocatePinned));
    }

    sealed class ReadBack(CudaRuntime runtime, nint done, PinnedBlock block, int bytes) : GpuReadBack(block, bytes, runtime._readBlocks!.GiveBack)
    {
        public override bool IsDone
        {
            get
            {
                runtime.Enter();
                var code = runtime._library.EventQuery(done);
                if (code == CudaCode.NotReady) return false;
                runtime.Check(code, "cuEventQuery");
                return true;
            }
        }

        public override void Wait()
        {
            runtime.Enter();
            runtime.Check(runtime._library.EventSynchronize(done), "cuEventSynchronize");
        }

        protected override void Forget()
        {
            // A failed context has no events left to destroy.
            _ = runtime._library.CtxSetCurrent(runtime._context);
            _ = runtime._library.EventDestroy(done);
        }
    }
}
