namespace LstmCluster.Compute;

/// <summary>From a vector at each step to one for each row, on a device.</summary>
sealed class PoolingRun(Pooling kind, int width, IDevice device) : IDisposable
{
    readonly GrowingBuffer _output = new(device), _dx = new(device);
    DeviceSpan _x;

    /// <summary>Makes room for a batch of this extent.</summary>
    public void Reserve(BatchShape shape, bool training)
    {
        _output.Reserve((long)shape.Rows * width);
        if (training) _dx.Reserve((long)shape.Positions * width);
    }

    /// <summary>Forward.</summary>
    /// <param name="rows">The batch's rows and their lengths.</param>
    /// <param name="x">[T,N,width]. It must stay until the backward pass is over.</param>
    /// <returns>[N,width].</returns>
    public DeviceSpan Forward(BatchRows rows, DeviceSpan x)
    {
        var y = Output(rows);
        device.PoolForward(kind, rows.Shape, width, rows.DeviceLengths, x, y);
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
        device.PoolBackward(kind, rows.Shape, width, rows.DeviceLengths, _x, Output(rows), dy, dx);
        return dx;
    }

    public void Dispose()
    {
        _output.Dispose();
        _dx.Dispose();
    }

    DeviceSpan Output(BatchRows rows) => _output.Span(rows.Shape.Rows * width);
}
