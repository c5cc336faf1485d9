namespace LstmCluster.Compute;

/// <summary>An LSTM layer on a device: activations, carried state, gradients.</summary>
sealed class LstmRun(Lstm layer, IDevice device) : LayerRun
{
    readonly GrowingBuffer _gates = new(device), _cells = new(device), _hidden = new(device);
    readonly GrowingBuffer _dx = new(device), _dhFinal = new(device), _dcFinal = new(device);
    LstmActivations _activations;
    LstmShape _shape;

    public override DeviceSpan Forward(LayerWeights weights, in Pass pass, DeviceSpan x)
    {
        _shape = new LstmShape(pass.Shape.Steps, pass.Shape.Rows, layer.InputSize, layer.Units);
        _activations = new LstmActivations(
            x, _gates.Span(pass.Shape.Positions * Lstm.GateCount * layer.Units),
            _cells.Span(StatesLength(pass.Shape)), _hidden.Span(StatesLength(pass.Shape)));
        device.LstmForward(_shape, ((LstmLayerWeights)weights).Value, _activations);
        return _activations.Hidden.Slice(pass.Shape.Rows * layer.Units, pass.Shape.Positions * layer.Units);
    }

    public override DeviceSpan Backward(LayerWeights weights, in Pass pass, DeviceSpan dy)
    {
        // Truncated back-propagation: nothing comes back from the steps after this batch.
        var dhFinal = _dhFinal.Span(pass.Shape.Rows * layer.Units);
        var dcFinal = _dcFinal.Span(pass.Shape.Rows * layer.Units);
        device.Fill(dhFinal, 0f);
        device.Fill(dcFinal, 0f);
        var dx = _dx.Span(pass.Shape.Positions * layer.InputSize);
        device.LstmBackward(_shape, ((LstmLayerWeights)weights).Value, _activations, new LstmGradients(dy, dx, dhFinal, dcFinal));
        return dx;
    }

    public override void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate) =>
        device.LstmWeightGradient(_shape, rows, _activations, layer.Views(gradient), accumulate);

    public override void WriteState(int row, BatchShape shape, ReadOnlySpan<float> state)
    {
        device.Write(StateRow(_hidden, shape, 0, row), state[..layer.Units]);
        device.Write(StateRow(_cells, shape, 0, row), state[layer.Units..]);
    }

    public override void ReadState(int row, BatchShape shape, Span<float> state)
    {
        device.Read(StateRow(_hidden, shape, shape.Steps, row), state[..layer.Units]);
        device.Read(StateRow(_cells, shape, shape.Steps, row), state[layer.Units..]);
    }

    public override void Reserve(BatchShape shape, bool training)
    {
        _gates.Reserve(shape.Positions * Lstm.GateCount * layer.Units);
        _cells.Reserve(StatesLength(shape));
        _hidden.Reserve(StatesLength(shape));
        if (!training) return;
        _dx.Reserve(shape.Positions * layer.InputSize);
        _dhFinal.Reserve(shape.Rows * layer.Units);
        _dcFinal.Reserve(shape.Rows * layer.Units);
    }

    protected override void Dispose(bool disposing)
    {
        _gates.Dispose();
        _cells.Dispose();
        _hidden.Dispose();
        _dx.Dispose();
        _dhFinal.Dispose();
        _dcFinal.Dispose();
    }

    int StatesLength(BatchShape shape) => (shape.Steps + 1) * shape.Rows * layer.Units;

    DeviceSpan StateRow(GrowingBuffer states, BatchShape shape, int t, int row) =>
        states.Span(StatesLength(shape)).Slice(((t * shape.Rows) + row) * layer.Units, layer.Units);
}
