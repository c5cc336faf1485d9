namespace LstmCluster.Compute.Cpu;

sealed unsafe partial class CpuDevice<V>
{
    public override void SgdStep(in SgdStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan velocity, DeviceSpan updated)
    {
        var count = updated.Length;
        Elementwise.Run<V, SgdKernel>(
            new(step, gradient.At(count), weights.At(count), velocity.IsEmpty ? null : velocity.At(count), updated.At(count)), count);
    }

    public override void AdamStep(in AdamStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan first, DeviceSpan second, DeviceSpan updated)
    {
        var count = updated.Length;
        Elementwise.Run<V, AdamKernel>(
            new(step, gradient.At(count), weights.At(count), first.At(count), second.At(count), updated.At(count)), count);
    }

    public override void RmsPropStep(
        in RmsPropStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan squares, DeviceSpan mean, DeviceSpan velocity, DeviceSpan updated)
    {
        var count = updated.Length;
        Elementwise.Run<V, RmsPropKernel>(
            new(
                step, gradient.At(count), weights.At(count), squares.At(count), mean.IsEmpty ? null : mean.At(count),
                velocity.IsEmpty ? null : velocity.At(count), updated.At(count)),
            count);
    }

    public override void AdagradStep(in AdagradStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan squares, DeviceSpan updated)
    {
        var count = updated.Length;
        Elementwise.Run<V, AdagradKernel>(new(step, gradient.At(count), weights.At(count), squares.At(count), updated.At(count)), count);
    }

    public override void MoveAverage(float share, DeviceSpan weights, DeviceSpan average) =>
        Elementwise.Run<V, AverageKernel>(new(share, weights.At(average.Length), average.At(average.Length)), average.Length);

    public override void NadamStep(in NadamStep step, DeviceSpan gradient, DeviceSpan weights, DeviceSpan first, DeviceSpan second, DeviceSpan updated)
    {
        var count = updated.Length;
        Elementwise.Run<V, NadamKernel>(
            new(step, gradient.At(count), weights.At(count), first.At(count), second.At(count), updated.At(count)), count);
    }
}
