using LstmCluster.Compute.Gpu;

namespace LstmCluster.Compute.OpenCl;

/// <content>Copies to the host beside what the device computes: a second queue, which waits for the first one's commands.</content>
sealed unsafe partial class OpenClRuntime
{
    const ulong MapRead = 1 << 0;

    PinnedBlocks? _readBlocks;
    readonly nint _device;
    nint _copies;

    public GpuReadBack BeginRead(nint source, long offset, long bytes)
    {
        lock (_lock)
        {
            if (_copies == 0) OpenCopies();
            var block = _readBlocks!.Take(bytes);
            try
            {
                nint before, done;
                Check(_library.EnqueueMarkerWithWaitList(_queue, 0, null, &before), "clEnqueueMarkerWithWaitList");
                var code = _library.EnqueueReadBuffer(_copies, source, 0, (nuint)offset, (nuint)bytes, block.Pointer, 1, &before, &done);
                _ = _library.ReleaseEvent(before);
                Check(code, "clEnqueueReadBuffer");

                // A command that waits for one of another queue waits for ever where that one was never handed to the device.
                Check(_library.Flush(_queue), "clFlush");
                Check(_library.Flush(_copies), "clFlush");
                return new ReadBack(this, done, block, checked((int)bytes));
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
        int code;
        var copies = _library.CreateCommandQueue(_context, _device, 0, &code);
        Check(code, "clCreateCommandQueue");
        (_copies, _readBlocks) = (copies, new PinnedBlocks(bytes => AllocatePinned(bytes, MapRead)));
    }

    sealed class ReadBack(OpenClRuntime runtime, nint done, PinnedBlock block, int bytes) : GpuReadBack(block, bytes, runtime._readBlocks!.GiveBack)
    {
        public override bool IsDone
        {
            get
            {
                int status;
                runtime.Check(runtime._library.GetEventInfo(done, OpenClCode.EventStatus, sizeof(int), &status, null), "clGetEventInfo");
                return status <= 0;
            }
        }

        public override void Wait()
        {
            var command = done;
            runtime.Check(runtime._library.WaitForEvents(1, &command), "clWaitForEvents");
        }

        protected override void Forget() => _ = runtime._library.ReleaseEvent(done);
    }
}
