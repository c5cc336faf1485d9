using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>Layer normalisation of whole vectors: <see cref="LayerNormRow{V}"/> with gain and shift, one vector after the other.</summary>
static unsafe class NormRows<V>
    where V : struct, ILanes<V>
{
    /// <summary>y may be x.</summary>
    public static void Forward(int count, int width, float* x, float* gainAndShift, float* normalized, float* inverseDeviations, float* y)
    {
        for (var position = 0; position < count; position++, x += width, normalized += width, y += width)
        {
            new ReadOnlySpan<float>(x, width).CopyTo(new Span<float>(normalized, width));
            inverseDeviations[position] = LayerNormRow<V>.Forward(normalized, width);
            Elementwise.Run<V, GainAndShift>(new(normalized, gainAndShift, gainAndShift + width, y), width);
        }
    }

    public static void Backward(int count, int width, float* gainAndShift, float* normalized, float* inverseDeviations, float* dy, float* dx)
    {
        for (var position = 0; position < count; position++, normalized += width, dy += width, dx += width)
            LayerNormRow<V>.Backward(normalized, inverseDeviations[position], gainAndShift, dy, dx, width);
    }

    /// <summary>Sums over t, then n; a finished sum is added to what the target holds.</summary>
    public static void WeightGradient(
        BatchShape shape, RowRange rows, int width, float* dy, float* normalized, float* gainAndShift, bool add, Scratch scratch)
    {
        var total = add ? scratch.Floats(2L * width) : gainAndShift;
        new Span<float>(total, 2 * width).Clear();
        for (var t = 0; t < shape.Steps; t++)
        {
            var offset = (((nint)t * shape.Rows) + rows.First) * width;
            for (var n = 0; n < rows.Count; n++, offset += width)
                Elementwise.Run<V, Summed>(new(dy + offset, normalized + offset, total, total + width), width);
        }

        if (add) Elementwise.Run<V, AddKernel>(new(gainAndShift, total), 2 * width);
    }

    readonly struct GainAndShift(float* normalized, float* gain, float* shift, float* target) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<W>(int index)
            where W : struct, ILanes<W> =>
            W.Store(W.MultiplyAdd(W.Load(gain + index), W.Load(normalized + index), W.Load(shift + index)), target + index);
    }

    readonly struct Summed(float* dy, float* normalized, float* gain, float* shift) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<W>(int index)
            where W : struct, ILanes<W>
        {
            var d = W.Load(dy + index);
            W.Store(W.MultiplyAdd(d, W.Load(normalized + index), W.Load(gain + index)), gain + index);
            W.Store(W.Load(shift + index) + d, shift + index);
        }
    }
}
