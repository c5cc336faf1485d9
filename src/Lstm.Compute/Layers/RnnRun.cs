namespace LstmCluster.Compute;

/// <summary>An RNN layer on a device: activations, carried state, gradients.</summary>
sealed class RnnRun(Rnn layer, IDevice device) : LayerRun
{
    readonly HiddenStates _hidden = new(device, layer.Units, layer.Reverse);
    readonly GrowingBuffer _dx = new(device), _dhFinal = new(device);
    RnnActivations _activations;
    RnnGradients _gradients;
    RecurrentShape _shape;

    public override DeviceSpan Forward(LayerWeights weights, in Pass pass, DeviceSpan x)
    {
        _shape = new RecurrentShape(pass.Shape.Steps, pass.Shape.Rows, layer.InputSize, layer.Units) { Reverse = layer.Reverse };
        _activations = new RnnActivations(x, _hidden.All(pass.Shape)) { Pass = pass.Recurrent };
        device.RnnForward(_shape, ((RnnLayerWeights)weights).Value, _activations);
        return _hidden.Output(pass.Shape);
    }

    public override DeviceSpan Backward(LayerWeights weights, in Pass pass, DeviceSpan dy)
    {
        // Truncated back-propagation: nothing comes back from the steps after this batch.
        var dhFinal = _dhFinal.Span(pass.Shape.Rows * layer.Units);
        device.Fill(dhFinal, 0f);
        _gradients = new RnnGradients(dy, _dx.Span(pass.Shape.Positions * layer.InputSize), dhFinal);
        device.RnnBackward(_shape, ((RnnLayerWeights)weights).Value, _activations, _gradients);
        return _gradients.Input;
    }

    public override void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate) =>
        device.RnnWeightGradient(_shape, rows, _activations, _gradients, layer.Views(gradient), accumulate);

    public override void ResetState(BatchShape shape) => device.Fill(_hidden.Initial(shape), 0f);

    public override void WriteState(int row, BatchShape shape, ReadOnlySpan<float> state) => device.Write(_hidden.Initial(shape, row), state);

    public override void ReadState(int row, BatchShape shape, Span<float> state) => device.Read(_hidden.Final(shape, row), state);

    public override void Reserve(BatchShape shape, bool training)
    {
        _hidden.Reserve(shape);
        if (!training) return;
        _dx.Reserve(shape.Positions * layer.InputSize);
        _dhFinal.Reserve(shape.Rows * layer.Units);
    }

    protected override void Dispose(bool disposing)
    {
        _hidden.Dispose();
        _dx.Dispose();
        _dhFinal.Dispose();
    }
}
