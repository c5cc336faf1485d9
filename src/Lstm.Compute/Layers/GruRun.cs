namespace LstmCluster.Compute;

/// <summary>A GRU layer on a device: activations, carried state, gradients.</summary>
sealed class GruRun(Gru layer, IDevice device) : LayerRun
{
    readonly HiddenStates _hidden = new(device, layer.Units, layer.Reverse);
    readonly GrowingBuffer _gates = new(device), _candidateProduct = new(device);
    readonly GrowingBuffer _dx = new(device), _dhFinal = new(device), _dRecurrentProduct = new(device);
    GruActivations _activations;
    GruGradients _gradients;
    RecurrentShape _shape;

    public override DeviceSpan Forward(LayerWeights weights, in Pass pass, DeviceSpan x)
    {
        var positions = pass.Shape.Positions;
        _shape = new RecurrentShape(pass.Shape.Steps, pass.Shape.Rows, layer.InputSize, layer.Units) { Reverse = layer.Reverse };
        _activations = new GruActivations(
            x, _gates.Span(positions * layer.GateRows), _candidateProduct.Span(positions * layer.Units), _hidden.All(pass.Shape))
        {
            Pass = pass.Recurrent,
        };
        device.GruForward(_shape, ((GruLayerWeights)weights).Value, _activations);
        return _hidden.Output(pass.Shape);
    }

    public override DeviceSpan Backward(LayerWeights weights, in Pass pass, DeviceSpan dy)
    {
        var positions = pass.Shape.Positions;

        // Truncated back-propagation: nothing comes back from the steps after this batch.
        var dhFinal = _dhFinal.Span(pass.Shape.Rows * layer.Units);
        device.Fill(dhFinal, 0f);
        _gradients = new GruGradients(dy, _dx.Span(positions * layer.InputSize), dhFinal, _dRecurrentProduct.Span(positions * layer.GateRows));
        device.GruBackward(_shape, ((GruLayerWeights)weights).Value, _activations, _gradients);
        return _gradients.Input;
    }

    public override void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate) =>
        device.GruWeightGradient(_shape, rows, _activations, _gradients, layer.Views(gradient), accumulate);

    public override void ResetState(BatchShape shape) => device.Fill(_hidden.Initial(shape), 0f);

    public override void WriteState(int row, BatchShape shape, ReadOnlySpan<float> state) => device.Write(_hidden.Initial(shape, row), state);

    public override void ReadState(int row, BatchShape shape, Span<float> state) => device.Read(_hidden.Final(shape, row), state);

    public override void Reserve(BatchShape shape, bool training)
    {
        _hidden.Reserve(shape);
        _gates.Reserve(shape.Positions * layer.GateRows);
        _candidateProduct.Reserve(shape.Positions * layer.Units);
        if (!training) return;
        _dx.Reserve(shape.Positions * layer.InputSize);
        _dhFinal.Reserve(shape.Rows * layer.Units);
        _dRecurrentProduct.Reserve(shape.Positions * layer.GateRows);
    }

    protected override void Dispose(bool disposing)
    {
        _hidden.Dispose();
        foreach (var buffer in (ReadOnlySpan<GrowingBuffer>)[_gates, _candidateProduct, _dx, _dhFinal, _dRecurrentProduct])
            buffer.Dispose();
    }
}
