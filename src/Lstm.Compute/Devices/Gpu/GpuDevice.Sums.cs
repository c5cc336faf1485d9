using System.Runtime.InteropServices;
using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Gpu;

public sealed partial class GpuDevice
{
    static readonly GpuKernel s_sumSquares = new("sums", "sum_squares");

    /// <inheritdoc/>
    /// <remarks>The bits are those of the Cpu. Where a GPU has no double precision the host sums.</remarks>
    public void SumSquares(DeviceSpan x, int blockLength, Span<double> sums)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockLength);
        var elements = At(x, x.Length);
        if (!elements.IsGiven) return;
        var blocks = (int)(((long)x.Length + blockLength - 1) / blockLength);
        if (_runtime.HasDoubles) SumSquares(elements, x.Length, blockLength, sums[..blocks]);
        else SumSquaresOnHost(elements, x.Length, blockLength, sums[..blocks]);
    }

    void SumSquares(GpuSpan x, int length, int blockLength, Span<double> sums)
    {
        var found = _scratch.Take((long)sums.Length * (sizeof(double) / sizeof(float)));
        Launch(s_sumSquares, GpuGrid.Rows(sums.Length), [x, found, blockLength, length]);
        _runtime.Read(found.Memory, 0, MemoryMarshal.AsBytes(sums));
    }

    unsafe void SumSquaresOnHost(GpuSpan x, int length, int blockLength, Span<double> sums)
    {
        var values = new float[length];
        _runtime.Read(x.Memory, Bytes(x.First), MemoryMarshal.AsBytes(values.AsSpan()));
        fixed (float* at = values)
        {
            for (int block = 0, first = 0; block < sums.Length; block++, first += blockLength)
                sums[block] = Reductions.SumSquares(at + first, Math.Min(blockLength, length - first));
        }
    }
}
