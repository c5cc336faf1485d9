namespace LstmCluster.Compute.Cpu;

public abstract partial class CpuDevice
{
    /// <inheritdoc/>
    public abstract void NormForward(
        int count, int width, DeviceSpan input, DeviceSpan gainAndShift, DeviceSpan normalized, DeviceSpan inverseDeviations, DeviceSpan output);

    /// <inheritdoc/>
    public abstract void NormBackward(
        int count, int width, DeviceSpan gainAndShift, DeviceSpan normalized, DeviceSpan inverseDeviations, DeviceSpan outputGradient,
        DeviceSpan inputGradient);

    /// <inheritdoc/>
    public abstract void NormWeightGradient(
        BatchShape shape, RowRange rows, int width, DeviceSpan outputGradient, DeviceSpan normalized, DeviceSpan gainAndShiftGradient, bool accumulate);

    /// <inheritdoc/>
    public abstract void AttentionForward(in AttentionShape shape, in AttentionOperands operands);

    /// <inheritdoc/>
    public abstract void AttentionBackward(in AttentionShape shape, in AttentionOperands operands, in AttentionGradients gradients);

    /// <inheritdoc/>
    public abstract void Tanh(DeviceSpan input, DeviceSpan output);

    /// <inheritdoc/>
    public abstract void TanhGradient(DeviceSpan output, DeviceSpan gradient);

    /// <inheritdoc/>
    public abstract void CopyColumns(
        int rows, int width, DeviceSpan source, int sourceWidth, int sourceColumn, DeviceSpan target, int targetWidth, int targetColumn, bool add);

    /// <inheritdoc/>
    public abstract void ReplaceTokens(
        in DropoutMask mask, DeviceIndices rowKeys, DeviceSpan scores, int classes, int step, int rows, DeviceIndices tokens);
}
