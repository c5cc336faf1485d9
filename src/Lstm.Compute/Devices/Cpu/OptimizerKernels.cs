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
