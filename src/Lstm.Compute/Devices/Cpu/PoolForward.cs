using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>Pooling over time, one row after the other; a row's bits depend on nothing else in the batch.</summary>
static unsafe class PoolForward<V>
    where V : struct, ILanes<V>
{
    /// <param name="kind">How.</param>
    /// <param name="shape">T and N.</param>
    /// <param name="width">Features.</param>
    /// <param name="lengths">[N].</param>
    /// <param name="x">[T,N,width].</param>
    /// <param name="y">[N,width].</param>
    public static void Run(Pooling kind, BatchShape shape, int width, int* lengths, float* x, float* y)
    {
        var stride = (nint)shape.Rows * width;
        for (var n = 0; n < shape.Rows; n++, x += width, y += width)
        {
            var length = lengths[n];
            var pooled = new Span<float>(y, width);
            if (length == 0)
            {
                pooled.Clear();
                continue;
            }

            new ReadOnlySpan<float>(kind == Pooling.Last ? x + ((length - 1) * stride) : x, width).CopyTo(pooled);
            switch (kind)
            {
                case Pooling.Mean:
                    for (var t = 1; t < length; t++) Elementwise.Run<V, AddKernel>(new(y, x + (t * stride)), width);
                    Elementwise.Run<V, DivideKernel>(new(y, y, length), width);
                    break;
                case Pooling.Max:
                    for (var t = 1; t < length; t++) Elementwise.Run<V, MaxKernel>(new(y, x + (t * stride)), width);
                    break;
            }
        }
    }

    readonly struct MaxKernel(float* largest, float* x) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<W>(int index)
            where W : struct, ILanes<W>
        {
            var (m, value) = (W.Load(largest + index), W.Load(x + index));

            // Neither is less where they are equal, and then so is their mean, or where one is NaN, and then so is their mean.
            var equalOrNaN = (m + value) * W.Splat(0.5f);
            W.Store(W.SelectLess(value, m, m, W.SelectLess(m, value, value, equalOrNaN)), largest + index);
        }
    }
}

readonly unsafe struct DivideKernel(float* x, float* y, float divisor) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V> => V.Store(V.Load(x + index) / V.Splat(divisor), y + index);
}
