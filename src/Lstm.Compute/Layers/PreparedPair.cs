namespace LstmCluster.Compute;

/// <summary>A weight matrix prepared for the products of both passes.</summary>
/// <param name="device">Where.</param>
/// <param name="rows">Outputs.</param>
/// <param name="columns">Inputs.</param>
/// <param name="training">False to leave out what only a backward pass needs.</param>
sealed class PreparedPair(IDevice device, int rows, int columns, bool training) : IDisposable
{
    /// <summary>For <c>x W^T</c>.</summary>
    public PreparedMatrix Forward { get; } = device.AllocatePrepared(rows, columns, MatrixUse.Forward);

    /// <summary>For <c>dy W</c>; null when no backward pass follows.</summary>
    public PreparedMatrix? Backward { get; } = training ? device.AllocatePrepared(rows, columns, MatrixUse.Backward) : null;

    /// <summary>Takes over a weight version.</summary>
    public void Load(DeviceSpan matrix)
    {
        device.Prepare(matrix, Forward);
        if (Backward is not null) device.Prepare(matrix, Backward);
    }

    public void Dispose()
    {
        Forward.Dispose();
        Backward?.Dispose();
    }
}
