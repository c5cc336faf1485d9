using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>LSTM forward: the time-independent product once over all T, then per step the recurrent product and the gates.</summary>
static unsafe class LstmForward<V>
    where V : struct, ILanes<V>
{
    /// <param name="shape">T, N, D, H and the options.</param>
    /// <param name="kernel">W, packed for <c>x W^T</c>.</param>
    /// <param name="recurrentKernel">U, packed for <c>h U^T</c>.</param>
    /// <param name="projection">P, packed for <c>h~ P^T</c>; null without projection.</param>
    /// <param name="memory">The other operands.</param>
    /// <param name="scratch">Working memory.</param>
    public static void Run(
        in LstmShape shape, float* kernel, float* recurrentKernel, float* projection, in LstmMemory memory, Scratch scratch)
    {
        InputProduct(shape, kernel, memory, scratch);
        var plain = shape.Options.IsPlain && memory.Lengths.AreFull;
        var variant = plain ? default : new LstmVariantForward<V>(shape, memory, scratch);
        for (var turn = 0; turn < shape.Steps; turn++)
        {
            var time = RecurrentTime.At(turn, shape);
            if (plain)
            {
                RecurrentProduct(shape, recurrentKernel, memory, time, scratch);
                Gates(shape, memory, time);
            }
            else
            {
                variant.Step(recurrentKernel, projection, time);
            }
        }
    }

    /// <summary><c>z += h U^T</c> for one step.</summary>
    static void RecurrentProduct(in LstmShape shape, float* recurrentKernel, in LstmMemory memory, RecurrentTime time, Scratch scratch)
    {
        var state = (nint)shape.Rows * shape.Units;
        Product<V>.Run(
            shape.Rows, shape.Units, 4 * shape.Units, LeftOperand.Rows<V>(memory.Hidden + (time.Before * state), shape.Rows, shape.Units, scratch),
            recurrentKernel, null, memory.Gates + (4 * time.T * state), add: false);
    }

    static void Gates(in LstmShape shape, in LstmMemory memory, RecurrentTime time)
    {
        var (rows, units) = (shape.Rows, shape.Units);
        for (var n = 0; n < rows; n++)
        {
            nint at = ((nint)time.T * rows) + n, before = ((nint)time.Before * rows) + n, after = ((nint)time.After * rows) + n;
            Elementwise.Run<V, LstmGates>(
                new(memory.Gates + (4 * at * units), units, memory.Cells + (before * units), memory.Cells + (after * units), memory.Hidden + (after * units)), units);
        }
    }

    /// <summary><c>z = x W^T + b</c>, or with layer normalisation <c>z = LN(x W^T) + b</c>, for all time steps.</summary>
    static void InputProduct(in LstmShape shape, float* kernel, in LstmMemory memory, Scratch scratch)
    {
        var (positions, gateRows) = (shape.Steps * shape.Rows, shape.GateRows);
        if (!shape.Options.LayerNorm)
        {
            RaggedProduct<V>.Run(memory.Lengths, new TimeWindow(0, shape.Steps), shape.Rows, shape.Inputs, gateRows, memory.Input, kernel, memory.Bias, memory.Gates, scratch);
            return;
        }

        var x = LeftOperand.Rows<V>(memory.Input, positions, shape.Inputs, scratch);
        Product<V>.Run(positions, shape.Inputs, gateRows, x, kernel, scratch.Zeros(gateRows), memory.InputNormalized, add: false);
        for (nint position = 0; position < positions; position++)
        {
            var row = memory.InputNormalized + (position * gateRows);
            memory.InverseDeviations[LstmMemory.InputDeviation(position, shape.Rows)] = LayerNormRow<V>.Forward(row, gateRows);
            LayerNormRow<V>.Scale(row, memory.InputNorm, memory.Bias, memory.Gates + (position * gateRows), gateRows);
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
