using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>RNN forward: the time-independent product once over all T, straight to where the states will stand, then each step in place.</summary>
static unsafe class RnnForward<V>
    where V : struct, ILanes<V>
{
    /// <param name="shape">T, N, D, H and the direction.</param>
    /// <param name="kernel">W, packed for <c>x W^T</c>.</param>
    /// <param name="recurrentKernel">U, packed for <c>h U^T</c>.</param>
    /// <param name="bias">b, [H].</param>
    /// <param name="memory">The other operands.</param>
    /// <param name="scratch">Working memory.</param>
    public static void Run(in RecurrentShape shape, float* kernel, float* recurrentKernel, float* bias, in RnnMemory memory, Scratch scratch)
    {
        var (rows, units, state) = (shape.Rows, shape.Units, (nint)shape.Rows * shape.Units);
        Product<V>.Run(
            shape.Steps * rows, shape.Inputs, units, LeftOperand.Rows<V>(memory.Input, shape.Steps * rows, shape.Inputs, scratch), kernel, bias, memory.Output,
            add: false);
        for (var turn = 0; turn < shape.Steps; turn++)
        {
            var t = RecurrentTime.At(turn, shape).T;
            float* before = memory.HiddenBefore + (t * state), after = memory.Output + (t * state);
            Product<V>.Run(rows, units, units, LeftOperand.Rows<V>(before, rows, units, scratch), recurrentKernel, null, after, add: false);
            for (var n = 0; n < rows; n++)
            {
                var row = (nint)n * units;
                if (memory.Lengths.IsPadded(t, n)) new ReadOnlySpan<float>(before + row, units).CopyTo(new Span<float>(after + row, units));
                else Elementwise.Run<V, TanhInPlace>(new(after + row), units);
            }
        }
    }
}

readonly unsafe struct TanhInPlace(float* x) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V> => V.Store(Transcendental.Tanh(V.Load(x + index)), x + index);
}
