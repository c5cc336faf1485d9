using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>The mathematics of one element, over any number of lanes.</summary>
interface IElementKernel
{
    /// <summary>Handles the elements from <paramref name="index"/> on, as many as there are lanes.</summary>
    void Apply<V>(int index)
        where V : struct, ILanes<V>;
}

/// <summary>The loop over elements, once for all kernels.</summary>
static class Elementwise
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<V, TKernel>(in TKernel kernel, int count)
        where V : struct, ILanes<V>
        where TKernel : struct, IElementKernel
    {
        var local = kernel;
        var index = 0;
        for (; index <= count - V.Count; index += V.Count) local.Apply<V>(index);
        for (; index < count; index++) local.Apply<Lanes1>(index);
    }
}
