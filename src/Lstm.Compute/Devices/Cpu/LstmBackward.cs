using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>LSTM backward: per step the gates and the recurrent product, then the time-independent product once over all T.</summary>
static unsafe class LstmBackward<V>
    where V : struct, ILanes<V>
{
    /// <param name="shape">T, N, D, H.</param>
    /// <param name="kernel">W, packed for <c>dz W</c>.</param>
    /// <param name="recurrentKernel">U, packed for <c>dz U</c>.</param>
    /// <param name="gates">[T,N,4H]. In: activated gates. Out: dz.</param>
    /// <param name="cells">[T+1,N,H].</param>
    /// <param name="dy">[T,N,H]. Out: dh.</param>
    /// <param name="dx">[T,N,D]; null when nobody needs it.</param>
    /// <param name="dhFinal">[N,H]. In: gradient of h(T). Out: of h(0).</param>
    /// <param name="dc">[N,H]. In: gradient of c(T). Out: of c(0).</param>
    /// <param name="zeros">[max(D,H)] zeros.</param>
    public static void Run(
        in LstmShape shape, float* kernel, float* recurrentKernel, float* gates, float* cells, float* dy, float* dx,
        float* dhFinal, float* dc, float* zeros)
    {
        var (steps, rows, inputs, units) = (shape.Steps, shape.Rows, shape.Inputs, shape.Units);
        var state = (nint)rows * units;
        Elementwise.Run<V, AddKernel>(new(dy + ((steps - 1) * state), dhFinal), (int)state);
        for (var t = steps - 1; t >= 0; t--)
        {
            var dz = gates + (4 * t * state);
            var dh = dy + (t * state);
            for (var n = 0; n < rows; n++)
            {
                var row = (nint)n * units;
                Elementwise.Run<V, LstmGatesGradient>(
                    new(dz + (4 * row), units, cells + (t * state) + row, cells + ((t + 1) * state) + row, dh + row, dc + row), units);
            }

            if (t > 0)
                Product<V>.Run(rows, 4 * units, units, LeftOperand.Rows<V>(dz, 4 * units), recurrentKernel, null, dh - state, add: false);
            else
                Product<V>.Run(rows, 4 * units, units, LeftOperand.Rows<V>(dz, 4 * units), recurrentKernel, zeros, dhFinal, add: false);
        }

        if (dx != null)
            Product<V>.Run(steps * rows, 4 * units, inputs, LeftOperand.Rows<V>(gates, 4 * units), kernel, zeros, dx, add: false);
    }
}

/// <summary>Backward of <see cref="LstmGates"/>: dz in place of the gates, dc of the step before in place of dc.</summary>
readonly unsafe struct LstmGatesGradient(float* gates, int units, float* cell, float* nextCell, float* dh, float* dc) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V>
    {
        var at = gates + index;
        var i = V.Load(at);
        var f = V.Load(at + units);
        var g = V.Load(at + (2 * (nint)units));
        var o = V.Load(at + (3 * (nint)units));
        var one = V.Splat(1f);

        var tanh = Transcendental.Tanh(V.Load(nextCell + index));
        var dhidden = V.Load(dh + index);
        var doutput = dhidden * tanh;
        var dcell = V.MultiplyAdd(dhidden * o, one - (tanh * tanh), V.Load(dc + index));

        V.Store(dcell * g * (i * (one - i)), at);
        V.Store(dcell * V.Load(cell + index) * (f * (one - f)), at + units);
        V.Store(dcell * i * (one - (g * g)), at + (2 * (nint)units));
        V.Store(doutput * (o * (one - o)), at + (3 * (nint)units));
        V.Store(dcell * f, dc + index);
    }
}
