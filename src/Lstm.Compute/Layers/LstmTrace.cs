namespace LstmCluster.Compute;

/// <summary>What went on inside an LSTM layer in a forward pass: every gate, the cell and the hidden state, copied to the host.</summary>
/// <remarks>Where a row has ended its gates are zero and its states stay as they were. Out of training, zoneout shows in the states only.</remarks>
public sealed class LstmTrace
{
    const int GateCount = 4;

    readonly float[] _gates, _cells, _hidden;
    readonly int _before, _after;

    LstmTrace(in LstmShape shape, float[] gates, float[] cells, float[] hidden)
    {
        (Shape, Units, OutputSize) = (shape.Batch, shape.Units, shape.Outputs);
        (_gates, _cells, _hidden) = (gates, cells, hidden);

        // Backwards in time the initial state is the last of the T+1 states.
        (_before, _after) = shape.Options.Reverse ? (1, 0) : (0, 1);
    }

    /// <summary>T and N.</summary>
    public BatchShape Shape { get; }

    /// <summary>H, features of a gate and of the cell.</summary>
    public int Units { get; }

    /// <summary>P, features of the hidden state.</summary>
    public int OutputSize { get; }

    /// <summary>All activated gates, [T,N,4,H] in the order i, f, g, o. With coupled gates f is 1 - i.</summary>
    public ReadOnlySpan<float> Gates => _gates;

    /// <summary>The cells after each step, [T,N,H].</summary>
    public ReadOnlySpan<float> Cells => _cells.AsSpan(_after * Shape.Rows * Units, Shape.Positions * Units);

    /// <summary>The hidden states after each step, [T,N,P]: the layer's output.</summary>
    public ReadOnlySpan<float> Hidden => _hidden.AsSpan(_after * Shape.Rows * OutputSize, Shape.Positions * OutputSize);

    /// <summary>A gate of a row at a step, [H].</summary>
    public ReadOnlySpan<float> Gate(Gate gate, int step, int row) => Part(_gates, (PositionOf(step, row) * GateCount) + (int)gate, Units);

    /// <summary>The cell of a row before a step, [H].</summary>
    public ReadOnlySpan<float> CellBefore(int step, int row) => Part(_cells, PositionOf(step, row) + (_before * Shape.Rows), Units);

    /// <summary>The cell of a row after a step, [H].</summary>
    public ReadOnlySpan<float> CellAfter(int step, int row) => Part(_cells, PositionOf(step, row) + (_after * Shape.Rows), Units);

    /// <summary>The hidden state of a row before a step, [P].</summary>
    public ReadOnlySpan<float> HiddenBefore(int step, int row) => Part(_hidden, PositionOf(step, row) + (_before * Shape.Rows), OutputSize);

    /// <summary>The hidden state of a row after a step, [P].</summary>
    public ReadOnlySpan<float> HiddenAfter(int step, int row) => Part(_hidden, PositionOf(step, row) + (_after * Shape.Rows), OutputSize);

    /// <summary>Copies what a forward pass left.</summary>
    internal static LstmTrace Of(IDevice device, in LstmShape shape, in LstmActivations activations)
    {
        var gates = Read(activations.Gates);
        return new(shape, shape.Options.CoupledInputForget ? WithForgetGates(gates, shape.Units) : gates, Read(activations.Cells), Read(activations.Hidden));

        float[] Read(DeviceSpan span)
        {
            var values = new float[span.Length];
            device.Read(span, values);
            return values;
        }
    }

    /// <summary>From i, g, o to i, f, g, o.</summary>
    static float[] WithForgetGates(float[] coupled, int units)
    {
        const int CoupledGateCount = 3;
        var gates = new float[coupled.Length / CoupledGateCount * GateCount];
        for (var position = 0; position * CoupledGateCount * units < coupled.Length; position++)
        {
            var from = coupled.AsSpan(position * CoupledGateCount * units, CoupledGateCount * units);
            var to = gates.AsSpan(position * GateCount * units, GateCount * units);
            from[..units].CopyTo(to);
            for (var unit = 0; unit < units; unit++) to[units + unit] = 1 - from[unit];
            from[units..].CopyTo(to[(2 * units)..]);
        }

        return gates;
    }

    int PositionOf(int step, int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)step, (uint)Shape.Steps, nameof(step));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Shape.Rows, nameof(row));
        return (step * Shape.Rows) + row;
    }

    static ReadOnlySpan<float> Part(float[] values, int index, int width) => values.AsSpan(index * width, width);
}
