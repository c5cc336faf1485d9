namespace LstmCluster.Compute;

/// <summary>One weight version of an affine map, prepared: W [outputs,inputs] and b [outputs].</summary>
/// <param name="Forward">W for <c>x W^T</c>.</param>
/// <param name="Backward">W for <c>dy W</c>; null when no backward pass follows.</param>
/// <param name="Bias">b.</param>
readonly record struct AffineWeights(PreparedMatrix Forward, PreparedMatrix? Backward, DeviceSpan Bias);

/// <summary>An affine map on a device, <c>y = x W^T + b</c> at each position, wherever its weights stand.</summary>
sealed class AffineRun(int inputs, int outputs, IDevice device) : IDisposable
{
    readonly GrowingBuffer _output = new(device), _dx = new(device);
    BatchShape _shape;
    DeviceSpan _x, _dy;

    /// <summary>y, [T,N,outputs]: what <see cref="ForwardSteps"/> has written of it.</summary>
    public DeviceSpan Output => _output.Span(_shape.Positions * outputs);

    /// <summary>Makes room for so many positions.</summary>
    public void Reserve(int positions, bool training)
    {
        _output.Reserve((long)positions * outputs);
        if (training) _dx.Reserve((long)positions * inputs);
    }

    /// <summary>Begins a forward pass.</summary>
    /// <param name="shape">T and N.</param>
    /// <param name="x">[T,N,inputs]. It must stay until the backward pass is over, and may be written step by step before its steps are run.</param>
    public void Begin(BatchShape shape, DeviceSpan x) => (_shape, _x) = (shape, x);

    /// <summary>Forward over some time steps.</summary>
    /// <returns>Their part of y, [count,N,outputs].</returns>
    public DeviceSpan ForwardSteps(in AffineWeights weights, int first, int count)
    {
        var (skipped, positions) = (first * _shape.Rows, count * _shape.Rows);
        var y = Output.Slice(skipped * outputs, positions * outputs);
        device.Multiply(_x.Slice(skipped * inputs, positions * inputs), positions, weights.Forward, y, weights.Bias, accumulate: false);
        return y;
    }

    /// <summary>Backward over all time steps.</summary>
    /// <param name="weights">The same weights.</param>
    /// <param name="dy">[T,N,outputs]. It must stay until the gradients of all shards were taken.</param>
    /// <returns>dx, [T,N,inputs].</returns>
    public DeviceSpan Backward(in AffineWeights weights, DeviceSpan dy)
    {
        var dx = _dx.Span(_shape.Positions * inputs);
        device.Multiply(dy, _shape.Positions, weights.Backward!, dx, bias: default, accumulate: false);
        _dy = dy;
        return dx;
    }

    /// <summary>Gradients of kernel and bias over the rows of one shard; either may be empty to leave it out.</summary>
    public void Gradient(RowRange rows, DeviceSpan kernel, DeviceSpan bias, bool accumulate)
    {
        if (kernel.IsEmpty) device.LinearGradient(_shape, rows, _dy, outputs, input: default, inputs: 0, kernelGradient: default, bias, accumulate);
        else device.LinearGradient(_shape, rows, _dy, outputs, _x, inputs, kernel, bias, accumulate);
    }

    public void Dispose()
    {
        _output.Dispose();
        _dx.Dispose();
    }
}
