using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

readonly unsafe struct SgdKernel(SgdStep step, float* gradient, float* weights, float* velocity, float* updated) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V>
    {
        var w = V.Load(weights + index);
        var g = V.MultiplyAdd(V.Splat(step.WeightDecay), w, V.Load(gradient + index) * V.Splat(step.GradientScale));
        if (velocity != null)
        {
            g = V.MultiplyAdd(V.Splat(step.Momentum), V.Load(velocity + index), g);
            V.Store(g, velocity + index);
        }

        V.Store(V.MultiplyAdd(V.Splat(-step.Rate), g, w), updated + index);
    }
}

readonly unsafe struct AdamKernel(AdamStep step, float* gradient, float* weights, float* first, float* second, float* updated) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V>
    {
        var g = V.Load(gradient + index) * V.Splat(step.GradientScale);
        var m = V.MultiplyAdd(V.Splat(step.Beta1), V.Load(first + index), V.Splat(1f - step.Beta1) * g);
        var v = V.MultiplyAdd(V.Splat(step.Beta2), V.Load(second + index), V.Splat(1f - step.Beta2) * (g * g));
        V.Store(m, first + index);
        V.Store(v, second + index);

        var denominator = V.MultiplyAdd(V.Sqrt(v), V.Splat(step.InverseRootCorrection), V.Splat(step.Epsilon));
        var kept = V.Load(weights + index) * V.Splat(step.Keep);
        V.Store(V.MultiplyAdd(V.Splat(-step.StepSize), m / denominator, kept), updated + index);
    }
}

readonly unsafe struct RmsPropKernel(
    RmsPropStep step, float* gradient, float* weights, float* squares, float* mean, float* velocity, float* updated) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V>
    {
        var w = V.Load(weights + index);
        var g = V.MultiplyAdd(V.Splat(step.WeightDecay), w, V.Load(gradient + index) * V.Splat(step.GradientScale));
        var (alpha, rest) = (V.Splat(step.Alpha), V.Splat(1f - step.Alpha));
        var s = V.MultiplyAdd(alpha, V.Load(squares + index), rest * (g * g));
        V.Store(s, squares + index);
        if (mean != null)
        {
            var a = V.MultiplyAdd(alpha, V.Load(mean + index), rest * g);
            V.Store(a, mean + index);
            s = V.MultiplyAdd(V.Splat(0f) - a, a, s);
            s = V.SelectLess(s, V.Splat(0f), V.Splat(0f), s);
        }

        var change = g / (V.Sqrt(s) + V.Splat(step.Epsilon));
        if (velocity != null)
        {
            change = V.MultiplyAdd(V.Splat(step.Momentum), V.Load(velocity + index), change);
            V.Store(change, velocity + index);
        }

        V.Store(V.MultiplyAdd(V.Splat(-step.Rate), change, w), updated + index);
    }
}

readonly unsafe struct AdagradKernel(AdagradStep step, float* gradient, float* weights, float* squares, float* updated) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V>
    {
        var w = V.Load(weights + index);
        var g = V.MultiplyAdd(V.Splat(step.WeightDecay), w, V.Load(gradient + index) * V.Splat(step.GradientScale));
        var s = V.MultiplyAdd(g, g, V.Load(squares + index));
        V.Store(s, squares + index);
        V.Store(V.MultiplyAdd(V.Splat(-step.Rate), g / (V.Sqrt(s) + V.Splat(step.Epsilon)), w), updated + index);
    }
}

readonly unsafe struct NadamKernel(NadamStep step, float* gradient, float* weights, float* first, float* second, float* updated) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V>
    {
        var w = V.Load(weights + index);
        var g = V.MultiplyAdd(V.Splat(step.WeightDecay), w, V.Load(gradient + index) * V.Splat(step.GradientScale));
        var m = V.MultiplyAdd(V.Splat(step.Beta1), V.Load(first + index), V.Splat(1f - step.Beta1) * g);
        var v = V.MultiplyAdd(V.Splat(step.Beta2), V.Load(second + index), V.Splat(1f - step.Beta2) * (g * g));
        V.Store(m, first + index);
        V.Store(v, second + index);

        var denominator = V.MultiplyAdd(V.Sqrt(v), V.Splat(step.InverseRootCorrection), V.Splat(step.Epsilon));
        var change = V.MultiplyAdd(V.Splat(step.GradientStep), g, V.Splat(step.MomentStep) * m);
        V.Store(w - (change / denominator), updated + index);
    }
}

readonly unsafe struct AverageKernel(float share, float* weights, float* average) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V>
    {
        var kept = V.Load(average + index);
        V.Store(V.MultiplyAdd(V.Splat(share), V.Load(weights + index) - kept, kept), average + index);
    }
}
