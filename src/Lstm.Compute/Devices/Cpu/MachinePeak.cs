using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LstmCluster.Compute.Cpu;

/// <summary>What a processor can do at best, on the calling thread and in the vectors that the kernels use: the yardstick of benchmarks, which time it.</summary>
public static class MachinePeak
{
    // Written so that the compiler must keep what leads to it.
    static float s_sink;

    /// <summary>Fused multiply-adds between registers, independent enough to hide their latency.</summary>
    /// <param name="turns">Turns of the loop.</param>
    /// <returns>Floating-point operations done, two for each multiply-add of a lane.</returns>
    public static long MultiplyAdds(int turns) =>
        Vector512.IsHardwareAccelerated ? MultiplyAdds<Lanes16>(turns)
        : Vector256.IsHardwareAccelerated ? MultiplyAdds<Lanes8>(turns)
        : MultiplyAdds<Lanes4>(turns);

    /// <summary>Reads every element once, in order.</summary>
    /// <param name="memory">Memory of a CPU device, a multiple of 128 elements or a little more: what is beyond is not read.</param>
    /// <returns>Bytes read.</returns>
    public static unsafe long Read(DeviceSpan memory)
    {
        var at = memory.At(memory.Length);
        return Vector512.IsHardwareAccelerated ? Read<Lanes16>(at, memory.Length)
            : Vector256.IsHardwareAccelerated ? Read<Lanes8>(at, memory.Length)
            : Read<Lanes4>(at, memory.Length);
    }

    // Fourteen sums and two factors fill the sixteen registers that AVX2 has.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe long MultiplyAdds<V>(int turns)
        where V : struct, ILanes<V>
    {
        V x = V.Splat(s_sink), y = V.Splat(1e-9f);
        V c0 = x, c1 = x, c2 = x, c3 = x, c4 = x, c5 = x, c6 = x, c7 = x, c8 = x, c9 = x, c10 = x, c11 = x, c12 = x, c13 = x;
        for (var turn = 0; turn < turns; turn++)
        {
            c0 = V.MultiplyAdd(x, y, c0);
            c1 = V.MultiplyAdd(x, y, c1);
            c2 = V.MultiplyAdd(x, y, c2);
            c3 = V.MultiplyAdd(x, y, c3);
            c4 = V.MultiplyAdd(x, y, c4);
            c5 = V.MultiplyAdd(x, y, c5);
            c6 = V.MultiplyAdd(x, y, c6);
            c7 = V.MultiplyAdd(x, y, c7);
            c8 = V.MultiplyAdd(x, y, c8);
            c9 = V.MultiplyAdd(x, y, c9);
            c10 = V.MultiplyAdd(x, y, c10);
            c11 = V.MultiplyAdd(x, y, c11);
            c12 = V.MultiplyAdd(x, y, c12);
            c13 = V.MultiplyAdd(x, y, c13);
        }

        Keep(c0 + c1 + c2 + c3 + c4 + c5 + c6 + (c7 + c8 + c9 + c10 + c11 + c12 + c13));
        return 2L * 14 * V.Count * turns;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe long Read<V>(float* at, int length)
        where V : struct, ILanes<V>
    {
        V zero = V.Splat(0f), c0 = zero, c1 = zero, c2 = zero, c3 = zero, c4 = zero, c5 = zero, c6 = zero, c7 = zero;
        var end = at + (length / (8 * V.Count) * (8 * V.Count));
        var start = at;
        for (; at < end; at += 8 * V.Count)
        {
            c0 += V.Load(at);
            c1 += V.Load(at + V.Count);
            c2 += V.Load(at + (2 * V.Count));
            c3 += V.Load(at + (3 * V.Count));
            c4 += V.Load(at + (4 * V.Count));
            c5 += V.Load(at + (5 * V.Count));
            c6 += V.Load(at + (6 * V.Count));
            c7 += V.Load(at + (7 * V.Count));
        }

        Keep(c0 + c1 + c2 + c3 + (c4 + c5 + c6 + c7));
        return (end - start) * sizeof(float);
    }

    static unsafe void Keep<V>(V value)
        where V : struct, ILanes<V>
    {
        var lanes = stackalloc float[V.Count];
        V.Store(value, lanes);
        Volatile.Write(ref s_sink, lanes[0]);
    }
}
