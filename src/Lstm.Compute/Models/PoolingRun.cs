namespace LstmCluster.Compute;

/// <summary>From a vector at each step to one for each row, on a device.</summary>
/// <param name="kind">How.</param>
/// <param name="width">Features.</param>
/// <param name="backward">So many of the last features run backwards in time: their last state stands at the first step.</param>
/// <param name="device">Where.</param>
sealed class PoolingRun(Pooling kind, int width, int backward, IDevice device) : IDisposable
{
    readonly GrowingBuffer _output = new(device), _dx = new(device), _dyForward = new(device);
    DeviceSpan _x;

    /// <summary>Makes room for a batch of this extent.</summary>
    public void Reserve(BatchShape shape, bool training)
    {
        _output.Reserve((long)shape.Rows * width);
        if (training) _dx.Reserve((long)shape.Positions * width);
        if (training && TakesFirstStep) _dyForward.Reserve((long)shape.Rows * width);
    }

    /// <summary>Forward.</summary>
    /// <param name="rows">The batch's rows and their lengths.</param>
    /// <param name="x">[T,N,width]. It must stay until the backward pass is over.</param>
    /// <returns>[N,width].</returns>
    public DeviceSpan Forward(BatchRows rows, DeviceSpan x)
    {
        var y = Output(rows);
        device.PoolForward(kind, rows.Shape, width, rows.DeviceLengths, x, y);
        if (TakesFirstStep) CopyBackward(FirstStep(x, rows), y, rows.Shape.Rows, add: false);
        _x = x;
        return y;
    }

    /// <summary>Backward of the last forward.</summary>
    /// <param name="rows">The same rows.</param>
    /// <param name="dy">[N,width].</param>
    /// <returns>[T,N,width].</returns>
    public DeviceSpan Backward(BatchRows rows, DeviceSpan dy)
    {
        var dx = _dx.Span(rows.Shape.Positions * width);
        device.PoolBackward(kind, rows.Shape, width, rows.DeviceLengths, _x, Output(rows), TakesFirstStep ? Forward(dy, rows.Shape.Rows) : dy, dx);
        if (TakesFirstStep) CopyBackward(dy, FirstStep(dx, rows), rows.Shape.Rows, add: true);
        return dx;
    }

    public void Dispose()
    {
        _output.Dispose();
        _dx.Dispose();
        _dyForward.Dispose();
    }

    bool TakesFirstStep => kind == Pooling.Last && backward > 0;

    DeviceSpan FirstStep(DeviceSpan x, BatchRows rows) => x.Slice(0, rows.Shape.Rows * width);

    void CopyBackward(DeviceSpan source, DeviceSpan target, int rows, bool add) =>
        device.CopyColumns(rows, backward, source, width, width - backward, target, width, width - backward, add);

    /// <summary>dy with zeros in place of what runs backwards.</summary>
    DeviceSpan Forward(DeviceSpan dy, int rows)
    {
        var forward = _dyForward.Span(rows * width);
        device.Fill(forward, 0f);
        if (backward < width) device.CopyColumns(rows, width - backward, dy, width, 0, forward, width, 0, add: false);
        return forward;
    }

    DeviceSpan Output(BatchRows rows) => _output.Span(rows.Shape.Rows * width);
}
