namespace LstmCluster.Compute;

/// <summary>A bidirectional layer on a device.</summary>
/// <remarks>
/// An encoder's backward pass has a gradient of the final states too: call <see cref="BeginBackward"/>, write into <see cref="RecurrentRun.FinalGradient"/> of
/// both directions, then call <see cref="FinishBackward"/>.
/// </remarks>
sealed class BidirectionalRun(Bidirectional layer, IDevice device) : LayerRun
{
    readonly GrowingBuffer _output = new(device), _dyForward = new(device), _dyBackward = new(device);

    /// <summary>The direction from the first time step to the last: its states and their gradients.</summary>
    public RecurrentRun ForwardRun { get; } = layer.Forward.CreateRecurrentRun(device);

    /// <summary>The direction from the last time step to the first: its states and their gradients.</summary>
    public RecurrentRun BackwardRun { get; } = layer.Backward.CreateRecurrentRun(device);

    public override bool CanAccumulate => ForwardRun.CanAccumulate && BackwardRun.CanAccumulate;

    public override DeviceSpan Forward(LayerWeights weights, in Pass pass, DeviceSpan x)
    {
        var own = (BidirectionalWeights)weights;
        var forward = ForwardRun.Forward(own.Forward, pass, x);
        var backward = BackwardRun.Forward(own.Backward, pass, x);

        // Into memory of its own, because the directions' outputs are their states.
        var y = _output.Span(pass.Shape.Positions * layer.OutputSize);
        if (layer.Merge == Merge.Concatenate)
        {
            var (first, second) = (layer.Forward.OutputSize, layer.Backward.OutputSize);
            device.CopyColumns(pass.Shape.Positions, first, forward, first, 0, y, layer.OutputSize, 0, add: false);
            device.CopyColumns(pass.Shape.Positions, second, backward, second, 0, y, layer.OutputSize, first, add: false);
            return y;
        }

        device.Copy(forward, y);
        device.Add(y, backward);
        if (layer.Merge == Merge.Average) device.Scale(y, 0.5f);
        return y;
    }

    public override DeviceSpan Backward(LayerWeights weights, in Pass pass, DeviceSpan dy)
    {
        BeginBackward(pass, dy);
        return FinishBackward(weights);
    }

    /// <summary>Hands the gradient of y to both directions, of whose final states there is none yet.</summary>
    /// <param name="pass">The pass of the last forward.</param>
    /// <param name="dy">Gradient of y. Overwritten.</param>
    public void BeginBackward(in Pass pass, DeviceSpan dy)
    {
        var (first, second) = (layer.Forward.OutputSize, layer.Backward.OutputSize);
        var backward = _dyBackward.Span(pass.Shape.Positions * second);
        if (layer.Merge == Merge.Concatenate)
        {
            var forward = _dyForward.Span(pass.Shape.Positions * first);
            device.CopyColumns(pass.Shape.Positions, first, dy, layer.OutputSize, 0, forward, first, 0, add: false);
            device.CopyColumns(pass.Shape.Positions, second, dy, layer.OutputSize, first, backward, second, 0, add: false);
            ForwardRun.BeginBackward(forward);
        }
        else
        {
            if (layer.Merge == Merge.Average) device.Scale(dy, 0.5f);
            device.Copy(dy, backward);
            ForwardRun.BeginBackward(dy);
        }

        BackwardRun.BeginBackward(backward);
    }

    /// <summary>Backward over all time steps of both directions.</summary>
    /// <param name="weights">The parameters of the last forward.</param>
    /// <returns>Gradient of x, in memory of this run.</returns>
    public DeviceSpan FinishBackward(LayerWeights weights)
    {
        var own = (BidirectionalWeights)weights;
        var dx = ForwardRun.FinishBackward(own.Forward);
        device.Add(dx, BackwardRun.FinishBackward(own.Backward));
        return dx;
    }

    public override void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate)
    {
        var (forward, backward) = layer.Views(gradient);
        ForwardRun.ShardGradient(rows, forward, accumulate);
        BackwardRun.ShardGradient(rows, backward, accumulate);
    }

    public override void ResetState(BatchShape shape)
    {
        ForwardRun.ResetState(shape);
        BackwardRun.ResetState(shape);
    }

    public override void WriteStates(RowRange rows, BatchShape shape, ReadOnlySpan<float> states, int stride)
    {
        ForwardRun.WriteStates(rows, shape, states, stride);
        BackwardRun.WriteStates(rows, shape, states[layer.Forward.StateSize..], stride);
    }

    public override void ReadStates(RowRange rows, BatchShape shape, Span<float> states, int stride)
    {
        ForwardRun.ReadStates(rows, shape, states, stride);
        BackwardRun.ReadStates(rows, shape, states[layer.Forward.StateSize..], stride);
    }

    public override void Reserve(BatchShape shape, bool training)
    {
        ForwardRun.Reserve(shape, training);
        BackwardRun.Reserve(shape, training);
        _output.Reserve((long)shape.Positions * layer.OutputSize);
        if (!training) return;
        if (layer.Merge == Merge.Concatenate) _dyForward.Reserve((long)shape.Positions * layer.Forward.OutputSize);
        _dyBackward.Reserve((long)shape.Positions * layer.Backward.OutputSize);
    }

    internal override LayerRun? RunOf(Layer wanted) => wanted == layer ? this : ForwardRun.RunOf(wanted) ?? BackwardRun.RunOf(wanted);

    protected override void Dispose(bool disposing)
    {
        ForwardRun.Dispose();
        BackwardRun.Dispose();
        foreach (var buffer in (ReadOnlySpan<GrowingBuffer>)[_output, _dyForward, _dyBackward]) buffer.Dispose();
    }
}
