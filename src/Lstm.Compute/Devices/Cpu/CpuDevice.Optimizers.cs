namespace LstmCluster.Compute.Cpu;

public abstract partial class CpuDevice
{
    /// <inheritdoc/>
    public abstract void SgdStep(in SgdStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan velocity, DeviceSpan updated);

    /// <inheritdoc/>
    public abstract void AdamStep(in AdamStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan first, DeviceSpan second, DeviceSpan updated);

    /// <inheritdoc/>
    public abstract void RmsPropStep(
        in RmsPropStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan squares, DeviceSpan mean, DeviceSpan velocity, DeviceSpan updated);

    /// <inheritdoc/>
    public abstract void AdagradStep(in AdagradStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan squares, DeviceSpan updated);

    /// <inheritdoc/>
    public abstract void MoveAverage(float share, DeviceSpan weights, DeviceSpan average);

    /// <inheritdoc/>
    public abstract void NadamStep(in NadamStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan first, DeviceSpan second, DeviceSpan updated);
}
