using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LstmCluster.Compute.Cpu;

readonly unsafe struct AddKernel(float* target, float* other) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V> => V.Store(V.Load(target + index) + V.Load(other + index), target + index);
}

readonly unsafe struct ScaleKernel(float* target, float factor) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V> => V.Store(V.Load(target + index) * V.Splat(factor), target + index);
}

readonly unsafe struct ClampKernel(float* target, float limit) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V> => V.Store(Lanes.Clamp(V.Load(target + index), -limit, limit), target + index);
}

readonly unsafe struct TanhKernel(float* x, float* y) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V> => V.Store(Transcendental.Tanh(V.Load(x + index)), y + index);
}

readonly unsafe struct TanhGradientKernel(float* y, float* dy) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V>
    {
        var output = V.Load(y + index);
        V.Store(V.Load(dy + index) * (V.Splat(1f) - (output * output)), dy + index);
    }
}

/// <summary><c>y = e^(x - shift)</c>: a softmax before its division.</summary>
readonly unsafe struct ShiftedExp(float* x, float shift, float* y) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V> => V.Store(Transcendental.Exp(V.Load(x + index) - V.Splat(shift)), y + index);
}

/// <summary>Reductions over sixteen virtual lanes, whatever the width of the real ones: element e belongs to lane e mod 16.</summary>
static unsafe class Reductions
{
    public const int VirtualLanes = 16;

    /// <summary>Sum of the elements.</summary>
    public static float Sum<V>(float* x, int count)
        where V : struct, ILanes<V>
    {
        var lanes = stackalloc float[VirtualLanes];
        var whole = count - (count % VirtualLanes);
        for (var lane = 0; lane < VirtualLanes; lane += V.Count)
        {
            var sum = V.Splat(0f);
            for (var index = lane; index < whole; index += VirtualLanes) sum += V.Load(x + index);
            V.Store(sum, lanes + lane);
        }

        for (var index = whole; index < count; index++) lanes[index - whole] += x[index];
        return Fold(lanes);
    }

    /// <summary>Sum of the products of two rows' elements.</summary>
    public static float Dot<V>(float* x, float* y, int count)
        where V : struct, ILanes<V>
    {
        var lanes = stackalloc float[VirtualLanes];
        var whole = count - (count % VirtualLanes);
        for (var lane = 0; lane < VirtualLanes; lane += V.Count)
        {
            var sum = V.Splat(0f);
            for (var index = lane; index < whole; index += VirtualLanes) sum = V.MultiplyAdd(V.Load(x + index), V.Load(y + index), sum);
            V.Store(sum, lanes + lane);
        }

        for (var index = whole; index < count; index++) lanes[index - whole] = MathF.FusedMultiplyAdd(x[index], y[index], lanes[index - whole]);
        return Fold(lanes);
    }

    /// <summary>Largest element; a NaN is passed over.</summary>
    public static float Max<V>(float* x, int count)
        where V : struct, ILanes<V>
    {
        var lanes = stackalloc float[VirtualLanes];
        var largest = V.Splat(float.NegativeInfinity);
        var index = 0;
        for (; index <= count - V.Count; index += V.Count)
        {
            var value = V.Load(x + index);
            largest = V.SelectLess(largest, value, value, largest);
        }

        V.Store(largest, lanes);
        var max = float.NegativeInfinity;
        for (var lane = 0; lane < V.Count; lane++) max = max < lanes[lane] ? lanes[lane] : max;
        for (; index < count; index++) max = max < x[index] ? x[index] : max;
        return max;
    }

    /// <summary>Index of the first of the largest elements; a NaN is passed over, and 0 when all are.</summary>
    public static int FirstLargest<V>(float* x, int count)
        where V : struct, ILanes<V> => Math.Max(0, new ReadOnlySpan<float>(x, count).IndexOf(Max<V>(x, count)));

    /// <summary>Sum of squares in double precision. The square of a float is exact there, so no rounding depends on the width.</summary>
    public static double SumSquares(float* x, int count)
    {
        var low = Vector512<double>.Zero;
        var high = Vector512<double>.Zero;
        var index = 0;
        for (; index <= count - VirtualLanes; index += VirtualLanes)
        {
            var (l, h) = Vector512.Widen(Vector512.Load(x + index));
            low += l * l;
            high += h * h;
        }

        var tail = 0.0;
        for (; index < count; index++) tail += (double)x[index] * x[index];
        var lanes = low + high;
        var sum = 0.0;
        for (var lane = 0; lane < Vector512<double>.Count; lane++) sum += lanes[lane];
        return sum + tail;
    }

    /// <summary>Sum of the virtual lanes: the upper half onto the lower one until one is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Fold(float* lanes)
    {
        Lanes8.Store(Lanes8.Load(lanes) + Lanes8.Load(lanes + 8), lanes);
        Lanes4.Store(Lanes4.Load(lanes) + Lanes4.Load(lanes + 4), lanes);
        return (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
    }
}
