using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>Layer normalisation of one row (Ba, Kiros and Hinton 2016), without gain and shift.</summary>
static unsafe class LayerNormRow<V>
    where V : struct, ILanes<V>
{
    /// <summary><c>x = (x - mean) / sqrt(variance + epsilon)</c> in place.</summary>
    /// <returns>The inverse deviation.</returns>
    public static float Forward(float* x, int width)
    {
        Elementwise.Run<V, Shifted>(new(x, -(Reductions.Sum<V>(x, width) / width)), width);
        var inverse = 1f / MathF.Sqrt((Reductions.Dot<V>(x, x, width) / width) + LstmOptions.NormEpsilon);
        Elementwise.Run<V, ScaleKernel>(new(x, inverse), width);
        return inverse;
    }

    /// <summary>Gradient of the row before normalisation: <c>inverse * (d - mean(d) - x*mean(d*x))</c> with <c>d = gain*dy</c>.</summary>
    /// <param name="normalized">x, normalised.</param>
    /// <param name="inverse">The inverse deviation.</param>
    /// <param name="gain">Gain.</param>
    /// <param name="dy">Gradient after gain and shift.</param>
    /// <param name="dx">Out.</param>
    /// <param name="width">Elements of the row.</param>
    public static void Backward(float* normalized, float inverse, float* gain, float* dy, float* dx, int width)
    {
        Elementwise.Run<V, Multiplied>(new(gain, dy, dx), width);
        var mean = Reductions.Sum<V>(dx, width) / width;
        var correlation = Reductions.Dot<V>(dx, normalized, width) / width;
        Elementwise.Run<V, Projected>(new(normalized, inverse, mean, correlation, dx), width);
    }

    /// <summary><c>target (+)= gain*normalized + shift</c>.</summary>
    public static void Scale(float* normalized, float* gainAndShift, float* addend, float* target, int width) =>
        Elementwise.Run<V, GainAndShift>(new(normalized, gainAndShift, gainAndShift + width, addend, target), width);

    readonly struct Shifted(float* x, float shift) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<W>(int index)
            where W : struct, ILanes<W> => W.Store(W.Load(x + index) + W.Splat(shift), x + index);
    }

    readonly struct Projected(float* normalized, float inverse, float mean, float correlation, float* d) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<W>(int index)
            where W : struct, ILanes<W>
        {
            var centered = W.Load(d + index) - W.Splat(mean);
            W.Store(W.Splat(inverse) * W.MultiplyAdd(W.Load(normalized + index), W.Splat(-correlation), centered), d + index);
        }
    }

    readonly struct GainAndShift(float* normalized, float* gain, float* shift, float* addend, float* target) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<W>(int index)
            where W : struct, ILanes<W> =>
            W.Store(W.MultiplyAdd(W.Load(gain + index), W.Load(normalized + index), W.Load(shift + index)) + W.Load(addend + index), target + index);
    }
}
