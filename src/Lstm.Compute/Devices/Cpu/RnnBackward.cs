using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>RNN backward: per step the tanh and the recurrent product, then the time-independent product once over all T.</summary>
static unsafe class RnnBackward<V>
    where V : struct, ILanes<V>
{
    /// <param name="shape">T, N, D, H and the direction.</param>
    /// <param name="kernel">W, packed for <c>da W</c>.</param>
    /// <param name="recurrentKernel">U, packed for <c>da U</c>.</param>
    /// <param name="memory">What forward left.</param>
    /// <param name="gradients">The gradients.</param>
    /// <param name="scratch">Working memory.</param>
    public static void Run(
        in RecurrentShape shape, float* kernel, float* recurrentKernel, in RnnMemory memory, in RnnGradientMemory gradients, Scratch scratch)
    {
        var (rows, units) = (shape.Rows, shape.Units);
        var hidden = new HiddenGradient<V>(shape, memory.Lengths, gradients.Output, gradients.FinalHidden, gradients.LaterProduct == null || !memory.Lengths.AreFull);
        if (gradients.LaterProduct != null) Before(gradients.LaterProduct, shape.Steps - 1);
        for (var turn = shape.Steps - 1; turn >= 0; turn--)
        {
            var t = RecurrentTime.At(turn, shape).T;
            for (var n = 0; n < rows; n++)
            {
                if (memory.Lengths.IsPadded(t, n))
                    hidden.Hold(turn, n);
                else
                    Elementwise.Run<V, TanhGradient>(new(memory.Output + ((((nint)t * rows) + n) * units), hidden.At(turn) + ((nint)n * units)), units);
            }

            if (turn > 0 || !gradients.LeavesEarlier) Before(hidden.At(turn), turn - 1);
        }

        if (gradients.Input == null) return;
        Product<V>.Run(
            shape.Steps * rows, units, shape.Inputs, LeftOperand.Rows<V>(gradients.Output, shape.Steps * rows, units, scratch), kernel,
            scratch.Zeros(shape.Inputs), gradients.Input, add: false);

        void Before(float* product, int turn) =>
            Product<V>.Run(rows, units, units, LeftOperand.Rows<V>(product, rows, units, scratch), recurrentKernel, null, hidden.At(turn), add: false);
    }
}

/// <summary>Gradient of <c>y = tanh(x)</c> in place: <c>dx = dy*(1 - y*y)</c>.</summary>
readonly unsafe struct TanhGradient(float* y, float* gradient) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V>
    {
        var value = V.Load(y + index);
        V.Store(V.Load(gradient + index) * (V.Splat(1f) - (value * value)), gradient + index);
    }
}
