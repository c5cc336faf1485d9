namespace LstmCluster.Compute.Gpu;

public sealed partial class GpuDevice
{
    static readonly GpuKernel s_sgd = new("optimizers", "optimizer_sgd");
    static readonly GpuKernel s_adam = new("optimizers", "optimizer_adam");
    static readonly GpuKernel s_rmsProp = new("optimizers", "optimizer_rmsprop");
    static readonly GpuKernel s_adagrad = new("optimizers", "optimizer_adagrad");
    static readonly GpuKernel s_nadam = new("optimizers", "optimizer_nadam");
    static readonly GpuKernel s_moveAverage = new("optimizers", "optimizer_move_average");

    /// <inheritdoc/>
    public void SgdStep(in SgdStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan velocity, DeviceSpan updated)
    {
        var count = updated.Length;
        Launch(s_sgd, GpuGrid.Elements(count),
        [
            At(gradient, count), At(weights, count), AtAny(velocity, count), At(updated, count), step.GradientScale, step.Rate, step.Momentum,
            step.WeightDecay, count,
        ]);
    }

    /// <inheritdoc/>
    public void AdamStep(in AdamStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan first, DeviceSpan second, DeviceSpan updated)
    {
        var count = updated.Length;
        Launch(s_adam, GpuGrid.Elements(count),
        [
            At(gradient, count), At(weights, count), At(first, count), At(second, count), At(updated, count), step.GradientScale, step.Beta1, step.Beta2,
            step.StepSize, step.InverseRootCorrection, step.Epsilon, step.Keep, count,
        ]);
    }

    /// <inheritdoc/>
    public void RmsPropStep(
        in RmsPropStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan squares, DeviceSpan mean, DeviceSpan velocity, DeviceSpan updated)
    {
        var count = updated.Length;
        Launch(s_rmsProp, GpuGrid.Elements(count),
        [
            At(gradient, count), At(weights, count), At(squares, count), AtAny(mean, count), AtAny(velocity, count), At(updated, count),
            step.GradientScale, step.Rate, step.Alpha, step.Epsilon, step.Momentum, step.WeightDecay, count,
        ]);
    }

    /// <inheritdoc/>
    public void AdagradStep(in AdagradStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan squares, DeviceSpan updated)
    {
        var count = updated.Length;
        Launch(s_adagrad, GpuGrid.Elements(count),
        [
            At(gradient, count), At(weights, count), At(squares, count), At(updated, count), step.GradientScale, step.Rate, step.Epsilon,
            step.WeightDecay, count,
        ]);
    }

    /// <inheritdoc/>
    public void NadamStep(in NadamStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan first, DeviceSpan second, DeviceSpan updated)
    {
        var count = updated.Length;
        Launch(s_nadam, GpuGrid.Elements(count),
        [
            At(gradient, count), At(weights, count), At(first, count), At(second, count), At(updated, count), step.GradientScale, step.Beta1, step.Beta2,
            step.GradientStep, step.MomentStep, step.InverseRootCorrection, step.Epsilon, step.WeightDecay, count,
        ]);
    }

    /// <inheritdoc/>
    public void MoveAverage(float share, DeviceSpan weights, DeviceSpan average)
    {
        var count = average.Length;
        Launch(s_moveAverage, GpuGrid.Elements(count), [At(weights, count), At(average, count), share, count]);
    }
}
