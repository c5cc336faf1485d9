namespace LstmCluster.Compute;

/// <summary>The kernel and the recurrent kernel of a layer, prepared for every product they enter.</summary>
sealed class KernelPair : IDisposable
{
    readonly IDevice _device;

    /// <param name="device">Where.</param>
    /// <param name="rows">Rows of both.</param>
    /// <param name="inputs">D, columns of the kernel.</param>
    /// <param name="units">H, columns of the recurrent kernel.</param>
    /// <param name="training">False to leave out what only a backward pass needs.</param>
    public KernelPair(IDevice device, int rows, int inputs, int units, bool training)
    {
        _device = device;
        Forward = device.AllocatePrepared(rows, inputs, MatrixUse.Forward);
        RecurrentForward = device.AllocatePrepared(rows, units, MatrixUse.Forward);
        if (!training) return;
        Backward = device.AllocatePrepared(rows, inputs, MatrixUse.Backward);
        RecurrentBackward = device.AllocatePrepared(rows, units, MatrixUse.Backward);
    }

    public PreparedMatrix Forward { get; }

    public PreparedMatrix RecurrentForward { get; }

    public PreparedMatrix? Backward { get; }

    public PreparedMatrix? RecurrentBackward { get; }

    /// <summary>Takes over a weight version.</summary>
    public void Load(DeviceSpan kernel, DeviceSpan recurrentKernel)
    {
        _device.Prepare(kernel, Forward);
        _device.Prepare(recurrentKernel, RecurrentForward);
        if (Backward is not null) _device.Prepare(kernel, Backward);
        if (RecurrentBackward is not null) _device.Prepare(recurrentKernel, RecurrentBackward);
    }

    public void Dispose()
    {
        Forward.Dispose();
        RecurrentForward.Dispose();
        Backward?.Dispose();
        RecurrentBackward?.Dispose();
    }
}
