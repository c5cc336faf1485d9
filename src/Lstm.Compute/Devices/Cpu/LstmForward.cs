using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>LSTM forward: the time-independent product once over all T, then per step the recurrent product and the gates.</summary>
static unsafe class LstmForward<V>
    where V : struct, ILanes<V>
{
    /// <param name="shape">T, N, D, H.</param>
    /// <param name="kernel">W, packed for <c>x W^T</c>.</param>
    /// <param name="recurrentKernel">U, packed for <c>h U^T</c>.</param>
    /// <param name="bias">b, [4H].</param>
    /// <param name="x">[T,N,D].</param>
    /// <param name="gates">[T,N,4H]. Out: activated.</param>
    /// <param name="cells">[T+1,N,H]. In: the first. Out: the others.</param>
    /// <param name="hidden">[T+1,N,H]. In: the first. Out: the others.</param>
    public static void Run(
        in LstmShape shape, float* kernel, float* recurrentKernel, float* bias, float* x, float* gates, float* cells, float* hidden)
    {
        var (steps, rows, inputs, units) = (shape.Steps, shape.Rows, shape.Inputs, shape.Units);
        Product<V>.Run(steps * rows, inputs, 4 * units, LeftOperand.Rows<V>(x, inputs), kernel, bias, gates, add: false);

        var state = (nint)rows * units;
        for (var t = 0; t < steps; t++)
        {
            Product<V>.Run(rows, units, 4 * units, LeftOperand.Rows<V>(hidden, units), recurrentKernel, null, gates, add: false);
            for (var n = 0; n < rows; n++)
            {
                var row = (nint)n * units;
                Elementwise.Run<V, LstmGates>(new(gates + (4 * row), units, cells + row, cells + state + row, hidden + state + row), units);
            }

            gates += 4 * state;
            cells += state;
            hidden += state;
        }
    }
}

/// <summary>The gates of one row: <c>i,f,o = sigmoid(z)</c>, <c>g = tanh(z)</c>, <c>c' = f*c + i*g</c>, <c>h' = o*tanh(c')</c>.</summary>
readonly unsafe struct LstmGates(float* z, int units, float* cell, float* nextCell, float* nextHidden) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V>
    {
        var at = z + index;
        var i = Transcendental.Sigmoid(V.Load(at));
        var f = Transcendental.Sigmoid(V.Load(at + units));
        var g = Transcendental.Tanh(V.Load(at + (2 * (nint)units)));
        var o = Transcendental.Sigmoid(V.Load(at + (3 * (nint)units)));
        V.Store(i, at);
        V.Store(f, at + units);
        V.Store(g, at + (2 * (nint)units));
        V.Store(o, at + (3 * (nint)units));

        var c = V.MultiplyAdd(f, V.Load(cell + index), i * g);
        V.Store(c, nextCell + index);
        V.Store(o * Transcendental.Tanh(c), nextHidden + index);
    }
}
