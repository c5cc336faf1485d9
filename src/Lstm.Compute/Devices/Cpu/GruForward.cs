using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>GRU forward: the time-independent product once over all T, then per step the recurrent product and the gates.</summary>
static unsafe class GruForward<V>
    where V : struct, ILanes<V>
{
    /// <param name="shape">T, N, D, H and the direction.</param>
    /// <param name="kernel">W, packed for <c>x W^T</c>.</param>
    /// <param name="recurrentKernel">U, packed for <c>h U^T</c>.</param>
    /// <param name="memory">The other operands.</param>
    /// <param name="scratch">Working memory.</param>
    public static void Run(in RecurrentShape shape, float* kernel, float* recurrentKernel, in GruMemory memory, Scratch scratch)
    {
        var (rows, units, gateRows) = (shape.Rows, shape.Units, GruMemory.GateCount * shape.Units);
        Product<V>.Run(
            shape.Steps * rows, shape.Inputs, gateRows, LeftOperand.Rows<V>(memory.Input, shape.Steps * rows, shape.Inputs, scratch), kernel, memory.Bias,
            memory.Gates, add: false);

        // Apart from the gates, because the reset gate multiplies its part of n.
        var product = scratch.Floats((long)rows * gateRows);
        for (var turn = 0; turn < shape.Steps; turn++)
        {
            var time = RecurrentTime.At(turn, shape);
            var hidden = memory.Hidden + ((nint)time.Before * rows * units);
            Product<V>.Run(
                rows, units, gateRows, LeftOperand.Rows<V>(hidden, rows, units, scratch), recurrentKernel, memory.RecurrentBias, product, add: false);
            for (var n = 0; n < rows; n++)
            {
                if (memory.Lengths.IsPadded(time.T, n)) Hold(shape, memory, time, n);
                else Gates(shape, memory, product + ((nint)n * gateRows), time, n);
            }
        }
    }

    static void Gates(in RecurrentShape shape, in GruMemory memory, float* product, RecurrentTime time, int n)
    {
        var (rows, units) = (shape.Rows, shape.Units);
        nint at = ((nint)time.T * rows) + n, before = ((nint)time.Before * rows) + n, after = ((nint)time.After * rows) + n;
        Elementwise.Run<V, GruGates>(
            new(memory.Gates + (GruMemory.GateCount * at * units), units, product, memory.CandidateProduct + (at * units),
                memory.Hidden + (before * units), memory.Hidden + (after * units)),
            units);
    }

    /// <summary>A row that has ended keeps its state.</summary>
    static void Hold(in RecurrentShape shape, in GruMemory memory, RecurrentTime time, int n)
    {
        var (rows, units) = (shape.Rows, shape.Units);
        nint at = ((nint)time.T * rows) + n, before = ((nint)time.Before * rows) + n, after = ((nint)time.After * rows) + n;
        new ReadOnlySpan<float>(memory.Hidden + (before * units), units).CopyTo(new Span<float>(memory.Hidden + (after * units), units));
        new Span<float>(memory.Gates + (GruMemory.GateCount * at * units), GruMemory.GateCount * units).Clear();
        new Span<float>(memory.CandidateProduct + (at * units), units).Clear();
    }
}

/// <summary>The gates of one row: <c>r,z = sigmoid(a + p)</c>, <c>n = tanh(a + r*p)</c>, <c>h' = n + z*(h - n)</c>; a of the input, p recurrent.</summary>
readonly unsafe struct GruGates(float* a, int units, float* product, float* candidateProduct, float* hidden, float* nextHidden) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V>
    {
        var at = a + index;
        var p = product + index;
        var r = Transcendental.Sigmoid(V.Load(at) + V.Load(p));
        var z = Transcendental.Sigmoid(V.Load(at + units) + V.Load(p + units));
        var m = V.Load(p + (2 * (nint)units));
        var n = Transcendental.Tanh(V.MultiplyAdd(r, m, V.Load(at + (2 * (nint)units))));
        V.Store(r, at);
        V.Store(z, at + units);
        V.Store(n, at + (2 * (nint)units));
        V.Store(m, candidateProduct + index);
        V.Store(V.MultiplyAdd(z, V.Load(hidden + index) - n, n), nextHidden + index);
    }
}
