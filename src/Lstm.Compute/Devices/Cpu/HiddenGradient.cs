namespace LstmCluster.Compute.Cpu;

/// <summary>The gradient of a GRU's or RNN's hidden state on its way back through time, [T,N,H] in place of dy.</summary>
readonly unsafe struct HiddenGradient<V>
    where V : struct, ILanes<V>
{
    readonly RecurrentShape _shape;
    readonly float* _output, _finalHidden;

    /// <param name="shape">T, N, D, H and the direction.</param>
    /// <param name="lengths">What comes from an output beyond them is nothing, whatever stands there.</param>
    /// <param name="output">dy, [T,N,H].</param>
    /// <param name="finalHidden">[N,H]. In: gradient of the final state, or what passed by the step after the window. Out: zero, to which the first step adds.</param>
    /// <param name="adds">False when nothing passed by the step after the window.</param>
    public HiddenGradient(in RecurrentShape shape, in RowLengths lengths, float* output, float* finalHidden, bool adds)
    {
        _shape = shape;
        _output = output;
        _finalHidden = finalHidden;
        for (var t = 0; t < shape.Steps && !lengths.AreFull; t++)
        {
            for (var n = 0; n < shape.Rows; n++)
                if (lengths.IsPadded(t, n))
                    new Span<float>(output + ((((nint)t * shape.Rows) + n) * shape.Units), shape.Units).Clear();
        }

        var state = shape.Rows * shape.Units;
        if (adds) Elementwise.Run<V, AddKernel>(new(At(shape.Steps - 1), finalHidden), state);
        new Span<float>(finalHidden, state).Clear();
    }

    /// <summary>Of the state after a turn of the loop, [N,H]; before the first turn, of the initial state.</summary>
    public float* At(int turn) =>
        turn < 0 ? _finalHidden : _output + ((nint)RecurrentTime.At(turn, _shape).T * _shape.Rows * _shape.Units);

    /// <summary>A row that has ended keeps its state, so the gradient of the state after is that of the state before.</summary>
    public void Hold(int turn, int row)
    {
        float* after = At(turn) + ((nint)row * _shape.Units), before = At(turn - 1) + ((nint)row * _shape.Units);
        Elementwise.Run<V, AddKernel>(new(before, after), _shape.Units);
        new Span<float>(after, _shape.Units).Clear();
    }
}
