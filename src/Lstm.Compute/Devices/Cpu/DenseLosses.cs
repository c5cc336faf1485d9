using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>The loss and the gradient of one element of a dense output.</summary>
interface IDenseLoss
{
    /// <summary>Loss and slope of an output x for a target t.</summary>
    void At<V>(V x, V t, out V loss, out V slope)
        where V : struct, ILanes<V>;
}

readonly struct BinaryCrossEntropyLoss : IDenseLoss
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void At<V>(V x, V t, out V loss, out V slope)
        where V : struct, ILanes<V>
    {
        var zero = V.Splat(0f);
        loss = V.MultiplyAdd(zero - t, x, V.SelectLess(x, zero, zero, x)) + Transcendental.LogOnePlusExpOfNegative(V.Abs(x));
        slope = Transcendental.Sigmoid(x) - t;
    }
}

readonly struct SquaredErrorLoss : IDenseLoss
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void At<V>(V x, V t, out V loss, out V slope)
        where V : struct, ILanes<V>
    {
        var difference = x - t;
        loss = difference * difference;
        slope = difference + difference;
    }
}

readonly struct HuberElementLoss(float delta) : IDenseLoss
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void At<V>(V x, V t, out V loss, out V slope)
        where V : struct, ILanes<V>
    {
        var difference = x - t;
        var half = V.Splat(0.5f);
        var bound = V.Splat(delta);
        var magnitude = V.Abs(difference);
        loss = V.SelectLess(bound, magnitude, bound * (magnitude - (half * bound)), half * difference * difference);
        slope = Lanes.Clamp(difference, -delta, delta);
    }
}

/// <summary>The loop over positions, once for all dense losses.</summary>
static unsafe class DenseLosses<V>
    where V : struct, ILanes<V>
{
    /// <param name="loss">The loss of one element.</param>
    /// <param name="output">[count,width]. With <paramref name="gradient"/>: the slopes.</param>
    /// <param name="target">[count,width].</param>
    /// <param name="count">Positions.</param>
    /// <param name="width">Features.</param>
    /// <param name="mask">[count], 0 for ignored; null for none.</param>
    /// <param name="losses">[count].</param>
    /// <param name="gradient">False to leave the output.</param>
    /// <param name="scratch">Working memory.</param>
    public static void Run<TLoss>(
        TLoss loss, float* output, float* target, int count, int width, int* mask, float* losses, bool gradient, Scratch scratch)
        where TLoss : struct, IDenseLoss
    {
        var terms = scratch.Floats(width);
        for (var position = 0; position < count; position++, output += width, target += width)
        {
            if (mask != null && mask[position] == 0)
            {
                losses[position] = 0f;
                if (gradient) new Span<float>(output, width).Clear();
                continue;
            }

            Elementwise.Run<V, Kernel<TLoss>>(new(loss, output, target, terms, gradient), width);
            losses[position] = Reductions.Sum<V>(terms, width);
        }
    }

    readonly struct Kernel<TLoss>(TLoss loss, float* output, float* target, float* terms, bool gradient) : IElementKernel
        where TLoss : struct, IDenseLoss
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<W>(int index)
            where W : struct, ILanes<W>
        {
            loss.At(W.Load(output + index), W.Load(target + index), out var term, out var slope);
            W.Store(term, terms + index);
            if (gradient) W.Store(slope, output + index);
        }
    }
}
