using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>Gradient of <see cref="PoolForward{V}"/>.</summary>
static unsafe class PoolBackward<V>
    where V : struct, ILanes<V>
{
    /// <param name="kind">How.</param>
    /// <param name="shape">T and N.</param>
    /// <param name="width">Features.</param>
    /// <param name="lengths">[N].</param>
    /// <param name="x">[T,N,width]; read for the maximum only.</param>
    /// <param name="y">[N,width]; read for the maximum only.</param>
    /// <param name="dy">[N,width].</param>
    /// <param name="dx">[T,N,width]. Overwritten.</param>
    /// <param name="scratch">Working memory.</param>
    public static void Run(Pooling kind, BatchShape shape, int width, int* lengths, float* x, float* y, float* dy, float* dx, Scratch scratch)
    {
        var stride = (nint)shape.Rows * width;
        var remaining = scratch.Floats(width);
        for (var n = 0; n < shape.Rows; n++)
        {
            var (row, length) = ((nint)n * width, lengths[n]);
            var gradient = new ReadOnlySpan<float>(dy + row, width);
            if (kind == Pooling.Max) gradient.CopyTo(new(remaining, width));
            for (var t = 0; t < shape.Steps; t++)
            {
                var at = (t * stride) + row;
                if (t >= length || (kind == Pooling.Last && t < length - 1)) new Span<float>(dx + at, width).Clear();
                else if (kind == Pooling.Last) gradient.CopyTo(new(dx + at, width));
                else if (kind == Pooling.Mean) Elementwise.Run<V, DivideKernel>(new(dy + row, dx + at, length), width);
                else Elementwise.Run<V, ToFirstLargest>(new(x + at, y + row, remaining, dx + at), width);
            }
        }
    }

    /// <summary>Hands what remains of the gradient to an element that is the largest: nothing remains for equal ones after it.</summary>
    readonly struct ToFirstLargest(float* x, float* largest, float* remaining, float* dx) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<W>(int index)
            where W : struct, ILanes<W>
        {
            var (value, most, rest, none) = (W.Load(x + index), W.Load(largest + index), W.Load(remaining + index), W.Splat(0f));
            W.Store(W.SelectLess(value, most, none, rest), dx + index);
            W.Store(W.SelectLess(value, most, rest, none), remaining + index);
        }
    }
}
