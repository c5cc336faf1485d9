namespace LstmCluster.Compute;

/// <summary>The T+1 hidden states of a layer over a batch, [T+1,N,H]: in reverse direction the initial one is the last.</summary>
sealed class HiddenStates(IDevice device, int units, bool reverse) : IDisposable
{
    readonly GrowingBuffer _buffer = new(device);

    public void Reserve(BatchShape shape) => _buffer.Reserve((shape.Positions + shape.Rows) * units);

    /// <summary>[T+1,N,H].</summary>
    public DeviceSpan All(BatchShape shape) => _buffer.Span((shape.Positions + shape.Rows) * units);

    /// <summary>The states after each step, [T,N,H].</summary>
    public DeviceSpan Output(BatchShape shape) => All(shape).Slice(reverse ? 0 : shape.Rows * units, shape.Positions * units);

    /// <summary>The initial states, [N,H].</summary>
    public DeviceSpan Initial(BatchShape shape) => All(shape).Slice((reverse ? shape.Positions : 0) * units, shape.Rows * units);

    /// <summary>The initial state of a row, [H].</summary>
    public DeviceSpan Initial(BatchShape shape, int row) => Row(shape, reverse ? shape.Steps : 0, row);

    /// <summary>The final state of a row, [H].</summary>
    public DeviceSpan Final(BatchShape shape, int row) => Row(shape, reverse ? 0 : shape.Steps, row);

    public void Dispose() => _buffer.Dispose();

    DeviceSpan Row(BatchShape shape, int slot, int row) => All(shape).Slice(((slot * shape.Rows) + row) * units, units);
}
