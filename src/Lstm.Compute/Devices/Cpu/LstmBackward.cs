using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>The gradients of an LSTM's backward pass as pointers, their lengths checked; null where an option is off.</summary>
readonly unsafe struct LstmGradientMemory
{
    public LstmGradientMemory(in LstmShape shape, in LstmGradients gradients)
    {
        var (positions, rows) = ((long)shape.Steps * shape.Rows, (long)shape.Rows);
        Output = gradients.Output.At(positions * shape.Outputs);
        if (!gradients.Input.IsEmpty) Input = gradients.Input.At(positions * shape.Inputs);
        FinalHidden = gradients.FinalHidden.At(rows * shape.Outputs);
        FinalCell = gradients.FinalCell.At(rows * shape.Units);
        if (!gradients.Joint.LaterProduct.IsEmpty) LaterProduct = gradients.Joint.LaterProduct.At(rows * shape.GateRows);
        LeavesEarlier = gradients.Joint.LeavesEarlier;
        if (!shape.Options.LayerNorm) return;
        InputProduct = gradients.InputProduct.At(positions * shape.GateRows);
        RecurrentProduct = gradients.RecurrentProduct.At(positions * shape.GateRows);
        CellNorm = gradients.CellNorm.At(positions * shape.Units);
    }

    public readonly float* Output, Input, FinalHidden, FinalCell, InputProduct, RecurrentProduct, CellNorm, LaterProduct;
    public readonly bool LeavesEarlier;
}

/// <summary>LSTM backward: per step the gates and the recurrent product, then the time-independent product once over all T.</summary>
static unsafe class LstmBackward<V>
    where V : struct, ILanes<V>
{
    /// <param name="shape">T, N, D, H and the options.</param>
    /// <param name="kernel">W, packed for <c>dz W</c>.</param>
    /// <param name="recurrentKernel">U, packed for <c>dz U</c>.</param>
    /// <param name="projection">P, packed for <c>dr P</c>; null without projection.</param>
    /// <param name="memory">What forward left.</param>
    /// <param name="gradients">The gradients.</param>
    /// <param name="scratch">Working memory.</param>
    public static void Run(
        in LstmShape shape, float* kernel, float* recurrentKernel, float* projection, in LstmMemory memory, in LstmGradientMemory gradients, Scratch scratch)
    {
        var plain = shape.Options.IsPlain && memory.Lengths.AreFull;
        var variant = plain ? default : new LstmVariantBackward<V>(shape, memory, gradients, scratch);
        if (!plain) variant.ClearPadding();
        var state = (nint)shape.Rows * shape.Outputs;
        var last = gradients.Output + (RecurrentTime.At(shape.Steps - 1, shape).T * state);
        if (gradients.LaterProduct == null || (!plain && variant.Carries)) Elementwise.Run<V, AddKernel>(new(last, gradients.FinalHidden), (int)state);
        new Span<float>(gradients.FinalHidden, (int)state).Clear();
        if (gradients.LaterProduct != null) Before(gradients.LaterProduct, last, shape, variant, step: null);
        for (var turn = shape.Steps - 1; turn >= 0; turn--)
        {
            var time = RecurrentTime.At(turn, shape);
            var before = turn > 0 ? gradients.Output + (RecurrentTime.At(turn - 1, shape).T * state) : gradients.FinalHidden;
            if (plain) Gates(shape, memory, gradients, time);
            else variant.Step(projection, time, before);
            if (turn > 0 || !gradients.LeavesEarlier)
                Before((shape.Options.LayerNorm ? gradients.RecurrentProduct : memory.Gates) + ((nint)time.T * shape.Rows * shape.GateRows), before, shape, variant, time.T);
        }

        InputProduct(shape, kernel, memory, gradients, scratch);

        void Before(float* product, float* before, in LstmShape shape, in LstmVariantBackward<V> variant, int? step)
        {
            if (plain) RecurrentProduct(shape, recurrentKernel, product, before, scratch);
            else variant.RecurrentProduct(recurrentKernel, product, before, step);
        }
    }

    static void Gates(in LstmShape shape, in LstmMemory memory, in LstmGradientMemory gradients, RecurrentTime time)
    {
        var (rows, units) = (shape.Rows, shape.Units);
        for (var n = 0; n < rows; n++)
        {
            nint at = ((nint)time.T * rows) + n, before = ((nint)time.Before * rows) + n, after = ((nint)time.After * rows) + n;
            Elementwise.Run<V, LstmGatesGradient>(
                new(memory.Gates + (4 * at * units), units, memory.Cells + (before * units), memory.Cells + (after * units),
                    gradients.Output + (at * units), gradients.FinalCell + ((nint)n * units)),
                units);
        }
    }

    /// <summary><c>dh += dz U</c> for the step before.</summary>
    static void RecurrentProduct(in LstmShape shape, float* recurrentKernel, float* dz, float* dhBefore, Scratch scratch) => Product<V>.Run(
        shape.Rows, 4 * shape.Units, shape.Units, LeftOperand.Rows<V>(dz, shape.Rows, 4 * shape.Units, scratch), recurrentKernel, null, dhBefore, add: false);

    /// <summary><c>dx = dz W</c>, or of the product before normalisation, for all time steps.</summary>
    static void InputProduct(in LstmShape shape, float* kernel, in LstmMemory memory, in LstmGradientMemory gradients, Scratch scratch)
    {
        var (positions, gateRows) = (shape.Steps * shape.Rows, shape.GateRows);
        var left = memory.Gates;
        if (shape.Options.LayerNorm)
        {
            left = gradients.InputProduct;
            for (nint position = 0; position < positions; position++)
            {
                var at = position * gateRows;
                LayerNormRow<V>.Backward(
                    memory.InputNormalized + at, memory.InverseDeviations[LstmMemory.InputDeviation(position, shape.Rows)], memory.InputNorm, memory.Gates + at, left + at, gateRows);
            }
        }

        if (gradients.Input == null) return;
        var lengths = shape.Options.LayerNorm ? default : memory.Lengths;
        ClearPadding(shape, lengths, gradients.Input);
        RaggedProduct<V>.Run(lengths, new TimeWindow(0, shape.Steps), shape.Rows, gateRows, shape.Inputs, left, kernel, scratch.Zeros(shape.Inputs), gradients.Input, scratch);
    }

    /// <summary>Nothing goes to an input beyond a row's length.</summary>
    static void ClearPadding(in LstmShape shape, in RowLengths lengths, float* dx)
    {
        if (lengths.AreFull) return;
        for (var t = 0; t < shape.Steps; t++)
        {
            for (var n = 0; n < shape.Rows; n++)
                if (lengths.IsPadded(t, n))
                    new Span<float>(dx + ((((nint)t * shape.Rows) + n) * shape.Inputs), shape.Inputs).Clear();
        }
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
