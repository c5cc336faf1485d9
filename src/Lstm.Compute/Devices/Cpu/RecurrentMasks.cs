using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>The masks of a recurrent layer: dropped features of h for a whole sequence, kept ones of h and c for a step.</summary>
static unsafe class RecurrentMasks<V>
    where V : struct, ILanes<V>
{
    /// <summary>Words that <see cref="Words"/> may write for a row of this width.</summary>
    public static int WordsLength(int width) => width + (8 * PhiloxLanes.Blocks);

    /// <summary>The words of one row's mask at one time step of the batch.</summary>
    /// <returns>The word of the row's first feature.</returns>
    public static uint* Words(in RecurrentPass pass, int* rowKeys, int row, uint stream, int t, int width, uint* words)
    {
        var element = (long)t * width;
        var skipped = (int)(element % 4);
        PhiloxLanes.Fill(
            pass.MaskKey, (uint)(element / 4), (skipped + width + 3) / 4, (uint)rowKeys[(2 * row) + 1], (uint)rowKeys[2 * row], stream, words);
        return words + skipped;
    }

    /// <summary>[N,width] factors of recurrent dropout: 0 or the scale of what is kept; 1 out of training.</summary>
    public static void Factors(in RecurrentPass pass, int* rowKeys, float rate, uint stream, int rows, int width, float* factors, uint* words)
    {
        var mask = new DropoutMask(rate, pass.MaskKey, stream);
        new Span<float>(factors, rows * width).Fill(pass.Training ? mask.KeptScale : 1f);
        if (!pass.Training) return;
        for (var n = 0; n < rows; n++)
            Elementwise.Run<V, ZeroBelow>(new(Words(pass, rowKeys, n, stream, 0, width, words), mask.Threshold, factors + ((nint)n * width)), width);
    }

    readonly struct ZeroBelow(uint* words, uint threshold, float* x) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<W>(int index)
            where W : struct, ILanes<W> => W.Store(W.ZeroBelow(words + index, threshold, W.Load(x + index)), x + index);
    }
}

/// <summary>Zoneout of one row: the old value where the word is below the threshold, else the new one; without words the mean of both.</summary>
readonly unsafe struct Zoneout(uint* words, uint threshold, float rate)
{
    /// <summary>The part of a new value, or of a gradient, that belongs to the new value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public W New<W>(int index, W value)
        where W : struct, ILanes<W> => words != null ? W.ZeroBelow(words + index, threshold, value) : value * W.Splat(1f - rate);

    /// <summary>The part of an old value, or of a gradient, that belongs to the old value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public W Old<W>(int index, W value)
        where W : struct, ILanes<W> => words != null ? value - W.ZeroBelow(words + index, threshold, value) : value * W.Splat(rate);
}

readonly unsafe struct ZoneoutKernel(Zoneout zoneout, float* old, float* updated, float* target) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V> =>
        V.Store(zoneout.New(index, V.Load(updated + index)) + zoneout.Old(index, V.Load(old + index)), target + index);
}

readonly unsafe struct ZoneoutGradientKernel(Zoneout zoneout, float* gradient, float* oldGradient) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V>
    {
        var d = V.Load(gradient + index);
        V.Store(zoneout.Old(index, d), oldGradient + index);
        V.Store(zoneout.New(index, d), gradient + index);
    }
}
