namespace LstmCluster.Compute;

/// <summary>An LSTM layer on a device: activations, carried state, gradients.</summary>
sealed class LstmRun(Lstm layer, IDevice device) : LayerRun
{
    readonly GrowingBuffer _gates = new(device), _cells = new(device), _hidden = new(device);
    readonly GrowingBuffer _dx = new(device), _dhFinal = new(device), _dcFinal = new(device);

    // Only what the layer's options need is ever reserved.
    readonly GrowingBuffer _cellOutput = new(device), _newCells = new(device), _maskedHidden = new(device);
    readonly GrowingBuffer _inputNormalized = new(device), _recurrentNormalized = new(device), _cellNormalized = new(device), _inverseDeviations = new(device);
    readonly GrowingBuffer _dInputProduct = new(device), _dRecurrentProduct = new(device), _dCellNorm = new(device);
    LstmActivations _activations;
    LstmGradients _gradients;
    LstmShape _shape;

    LstmOptions Options => layer.Options;

    public override DeviceSpan Forward(LayerWeights weights, in Pass pass, DeviceSpan x)
    {
        var (positions, rows) = (pass.Shape.Positions, pass.Shape.Rows);
        _shape = new LstmShape(pass.Shape.Steps, rows, layer.InputSize, layer.Units) { Options = Options };
        _activations = new LstmActivations(
            x, _gates.Span(positions * layer.GateRows), _cells.Span((positions + rows) * layer.Units), _hidden.Span((positions + rows) * layer.OutputSize))
        {
            Pass = pass.Recurrent,
            CellOutput = Optional(Options.Projection > 0, _cellOutput, positions * layer.Units),
            NewCells = Optional(Options.ZoneoutCell > 0, _newCells, positions * layer.Units),
            MaskedHidden = Optional(Options.RecurrentDropout > 0, _maskedHidden, positions * layer.OutputSize),
            InputNormalized = Optional(Options.LayerNorm, _inputNormalized, positions * layer.GateRows),
            RecurrentNormalized = Optional(Options.LayerNorm, _recurrentNormalized, positions * layer.GateRows),
            CellNormalized = Optional(Options.LayerNorm, _cellNormalized, positions * layer.Units),
            InverseDeviations = Optional(Options.LayerNorm, _inverseDeviations, 3 * positions),
        };
        device.LstmForward(_shape, ((LstmLayerWeights)weights).Value, _activations);
        return _activations.Hidden.Slice(Options.Reverse ? 0 : rows * layer.OutputSize, positions * layer.OutputSize);
    }

    public override DeviceSpan Backward(LayerWeights weights, in Pass pass, DeviceSpan dy)
    {
        var (positions, rows) = (pass.Shape.Positions, pass.Shape.Rows);

        // Truncated back-propagation: nothing comes back from the steps after this batch.
        var dhFinal = _dhFinal.Span(rows * layer.OutputSize);
        var dcFinal = _dcFinal.Span(rows * layer.Units);
        device.Fill(dhFinal, 0f);
        device.Fill(dcFinal, 0f);
        _gradients = new LstmGradients(dy, _dx.Span(positions * layer.InputSize), dhFinal, dcFinal)
        {
            InputProduct = Optional(Options.LayerNorm, _dInputProduct, positions * layer.GateRows),
            RecurrentProduct = Optional(Options.LayerNorm, _dRecurrentProduct, positions * layer.GateRows),
            CellNorm = Optional(Options.LayerNorm, _dCellNorm, positions * layer.Units),
        };
        device.LstmBackward(_shape, ((LstmLayerWeights)weights).Value, _activations, _gradients);
        return _gradients.Input;
    }

    public override void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate) =>
        device.LstmWeightGradient(_shape, rows, _activations, _gradients, layer.Views(gradient), accumulate);

    public override void ResetState(BatchShape shape)
    {
        var first = Options.Reverse ? shape.Positions : 0;
        device.Fill(_hidden.Span((shape.Positions + shape.Rows) * layer.OutputSize).Slice(first * layer.OutputSize, shape.Rows * layer.OutputSize), 0f);
        device.Fill(_cells.Span((shape.Positions + shape.Rows) * layer.Units).Slice(first * layer.Units, shape.Rows * layer.Units), 0f);
    }

    public override void WriteState(int row, BatchShape shape, ReadOnlySpan<float> state)
    {
        var first = Options.Reverse ? shape.Steps : 0;
        device.Write(StateRow(_hidden, layer.OutputSize, shape, first, row), state[..layer.OutputSize]);
        device.Write(StateRow(_cells, layer.Units, shape, first, row), state[layer.OutputSize..]);
    }

    public override void ReadState(int row, BatchShape shape, Span<float> state)
    {
        var last = Options.Reverse ? 0 : shape.Steps;
        device.Read(StateRow(_hidden, layer.OutputSize, shape, last, row), state[..layer.OutputSize]);
        device.Read(StateRow(_cells, layer.Units, shape, last, row), state[layer.OutputSize..]);
    }

    public override void Reserve(BatchShape shape, bool training)
    {
        var (positions, rows) = (shape.Positions, shape.Rows);
        _gates.Reserve(positions * layer.GateRows);
        _cells.Reserve((positions + rows) * layer.Units);
        _hidden.Reserve((positions + rows) * layer.OutputSize);
        if (Options.Projection > 0) _cellOutput.Reserve(positions * layer.Units);
        if (Options.ZoneoutCell > 0) _newCells.Reserve(positions * layer.Units);
        if (Options.RecurrentDropout > 0) _maskedHidden.Reserve(positions * layer.OutputSize);
        if (Options.LayerNorm)
        {
            _inputNormalized.Reserve(positions * layer.GateRows);
            _recurrentNormalized.Reserve(positions * layer.GateRows);
            _cellNormalized.Reserve(positions * layer.Units);
            _inverseDeviations.Reserve(3 * positions);
        }

        if (!training) return;
        _dx.Reserve(positions * layer.InputSize);
        _dhFinal.Reserve(rows * layer.OutputSize);
        _dcFinal.Reserve(rows * layer.Units);
        if (!Options.LayerNorm) return;
        _dInputProduct.Reserve(positions * layer.GateRows);
        _dRecurrentProduct.Reserve(positions * layer.GateRows);
        _dCellNorm.Reserve(positions * layer.Units);
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var buffer in (ReadOnlySpan<GrowingBuffer>)[
            _gates, _cells, _hidden, _dx, _dhFinal, _dcFinal, _cellOutput, _newCells, _maskedHidden, _inputNormalized, _recurrentNormalized,
            _cellNormalized, _inverseDeviations, _dInputProduct, _dRecurrentProduct, _dCellNorm])
            buffer.Dispose();
    }

    static DeviceSpan Optional(bool on, GrowingBuffer buffer, int length) => on ? buffer.Span(length) : default;

    static DeviceSpan StateRow(GrowingBuffer states, int width, BatchShape shape, int slot, int row) =>
        states.Span((shape.Positions + shape.Rows) * width).Slice(((slot * shape.Rows) + row) * width, width);
}
