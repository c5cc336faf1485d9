using System.Runtime.InteropServices;

namespace LstmCluster.Compute.Gpu;

public sealed partial class GpuDevice
{
    /// <inheritdoc/>
    public DeviceRead BeginRead(DeviceSpan source, Memory<float> target)
    {
        var from = At(source, target.Length);
        return from.IsGiven ? new PendingRead(_runtime.BeginRead(from.Memory, Bytes(from.First), Bytes(target.Length)), target) : DeviceRead.Done;
    }

    /// <summary>Numbers that come by way of pinned memory.</summary>
    sealed class PendingRead(GpuReadBack readBack, Memory<float> target) : DeviceRead
    {
        public override bool IsDone => readBack.IsDone;

        public override void Complete()
        {
            try
            {
                readBack.Wait();
                MemoryMarshal.Cast<byte, float>(readBack.Content).CopyTo(target.Span);
            }
            finally
            {
                readBack.Dispose();
            }
        }

        public override void Abandon()
        {
            try
            {
                readBack.Wait();
            }
            catch (GpuException)
            {
                // Whoever issues the next command hears of it.
            }
            finally
            {
                readBack.Dispose();
            }
        }
    }
}
