using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>GRU backward: per step the gates and the recurrent product, then the time-independent product once over all T.</summary>
static unsafe class GruBackward<V>
    where V : struct, ILanes<V>
{
    /// <param name="shape">T, N, D, H and the direction.</param>
    /// <param name="kernel">W, packed for the product with the gradient of <c>x W^T</c>.</param>
    /// <param name="recurrentKernel">U, packed for the product with the gradient of <c>h U^T</c>.</param>
    /// <param name="memory">What forward left.</param>
    /// <param name="gradients">The gradients.</param>
    /// <param name="scratch">Working memory.</param>
    public static void Run(
        in RecurrentShape shape, float* kernel, float* recurrentKernel, in GruMemory memory, in GruGradientMemory gradients, Scratch scratch)
    {
        var (rows, gateRows) = (shape.Rows, GruMemory.GateCount * shape.Units);
        var hidden = new HiddenGradient<V>(shape, memory.Lengths, gradients.Output, gradients.FinalHidden, adds: true);
        if (gradients.LaterProduct != null) Before(gradients.LaterProduct, shape.Steps - 1, shape);
        for (var turn = shape.Steps - 1; turn >= 0; turn--)
        {
            var time = RecurrentTime.At(turn, shape);
            var product = gradients.RecurrentProduct + ((nint)time.T * rows * gateRows);
            for (var n = 0; n < rows; n++)
            {
                if (memory.Lengths.IsPadded(time.T, n))
                {
                    // Forward left zeros in place of the gates.
                    hidden.Hold(turn, n);
                    new Span<float>(product + ((nint)n * gateRows), gateRows).Clear();
                }
                else
                {
                    Gates(shape, memory, product + ((nint)n * gateRows), time, n, hidden.At(turn), hidden.At(turn - 1));
                }
            }

            if (turn > 0 || !gradients.LeavesEarlier) Before(product, turn - 1, shape);
        }

        if (gradients.Input == null) return;
        Product<V>.Run(
            shape.Steps * rows, gateRows, shape.Inputs, LeftOperand.Rows<V>(memory.Gates, shape.Steps * rows, gateRows, scratch), kernel,
            scratch.Zeros(shape.Inputs), gradients.Input, add: false);

        void Before(float* product, int turn, in RecurrentShape shape) =>
            Product<V>.Run(
                rows, gateRows, shape.Units, LeftOperand.Rows<V>(product, rows, gateRows, scratch), recurrentKernel, null, hidden.At(turn), add: false);
    }

    static void Gates(in RecurrentShape shape, in GruMemory memory, float* product, RecurrentTime time, int n, float* dh, float* dhBefore)
    {
        var (rows, units) = (shape.Rows, shape.Units);
        nint at = ((nint)time.T * rows) + n, before = ((nint)time.Before * rows) + n, row = (nint)n * units;
        Elementwise.Run<V, GruGatesGradient>(
            new(memory.Gates + (GruMemory.GateCount * at * units), units, product, memory.CandidateProduct + (at * units),
                memory.Hidden + (before * units), dh + row, dhBefore + row),
            units);
    }
}

/// <summary>Backward of <see cref="GruGates"/>: da in place of the gates, dp beside it, and the update gate's share of dh for the step before.</summary>
readonly unsafe struct GruGatesGradient(
    float* gates, int units, float* product, float* candidateProduct, float* hidden, float* dh, float* dhBefore) : IElementKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<V>(int index)
        where V : struct, ILanes<V>
    {
        var at = gates + index;
        var p = product + index;
        var r = V.Load(at);
        var z = V.Load(at + units);
        var n = V.Load(at + (2 * (nint)units));
        var one = V.Splat(1f);

        var dhidden = V.Load(dh + index);
        V.Store((dhidden * z) + V.Load(dhBefore + index), dhBefore + index);
        var dz = dhidden * (V.Load(hidden + index) - n) * (z * (one - z));
        var dn = dhidden * (one - z) * (one - (n * n));
        var dr = dn * V.Load(candidateProduct + index) * (r * (one - r));

        V.Store(dr, at);
        V.Store(dz, at + units);
        V.Store(dn, at + (2 * (nint)units));
        V.Store(dr, p);
        V.Store(dz, p + units);
        V.Store(dn * r, p + (2 * (nint)units));
    }
}
