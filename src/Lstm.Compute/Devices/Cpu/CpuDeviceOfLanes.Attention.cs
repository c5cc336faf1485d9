namespace LstmCluster.Compute.Cpu;

/// <summary>Layer normalisation, attention, and what joins an encoder with a decoder.</summary>
sealed unsafe partial class CpuDevice<V>
{
    public override void NormForward(
        int count, int width, DeviceSpan input, DeviceSpan gainAndShift, DeviceSpan normalized, DeviceSpan inverseDeviations, DeviceSpan output)
    {
        var length = (long)count * width;
        NormRows<V>.Forward(
            count, width, input.At(length), gainAndShift.At(2L * width), normalized.At(length), inverseDeviations.At(count), output.At(length));
    }

    public override void NormBackward(
        int count, int width, DeviceSpan gainAndShift, DeviceSpan normalized, DeviceSpan inverseDeviations, DeviceSpan outputGradient,
        DeviceSpan inputGradient)
    {
        var length = (long)count * width;
        NormRows<V>.Backward(
            count, width, gainAndShift.At(2L * width), normalized.At(length), inverseDeviations.At(count), outputGradient.At(length),
            inputGradient.At(length));
    }

    public override void NormWeightGradient(
        BatchShape shape, RowRange rows, int width, DeviceSpan outputGradient, DeviceSpan normalized, DeviceSpan gainAndShiftGradient, bool accumulate)
    {
        Check(rows, shape.Rows);
        var length = (long)shape.Positions * width;
        NormRows<V>.WeightGradient(
            shape, rows, width, outputGradient.At(length), normalized.At(length), gainAndShiftGradient.At(2L * width), accumulate, Scratch);
    }

    public override void AttentionForward(in AttentionShape shape, in AttentionOperands operands) =>
        AttentionForward<V>.Run(
            shape, new AttentionMemory(shape, operands), operands.Context.At((long)shape.Steps * shape.Rows * shape.ValueSize), Scratch);

    public override void AttentionBackward(in AttentionShape shape, in AttentionOperands operands, in AttentionGradients gradients) =>
        AttentionBackward<V>.Run(shape, new AttentionMemory(shape, operands), new AttentionGradientMemory(shape, gradients), Scratch);

    public override void Tanh(DeviceSpan input, DeviceSpan output) =>
        Elementwise.Run<V, TanhKernel>(new(input.At(output.Length), output.At(output.Length)), output.Length);

    public override void TanhGradient(DeviceSpan output, DeviceSpan gradient) =>
        Elementwise.Run<V, TanhGradientKernel>(new(output.At(gradient.Length), gradient.At(gradient.Length)), gradient.Length);

    public override void CopyColumns(
        int rows, int width, DeviceSpan source, int sourceWidth, int sourceColumn, DeviceSpan target, int targetWidth, int targetColumn, bool add)
    {
        CheckColumns(width, sourceWidth, sourceColumn);
        CheckColumns(width, targetWidth, targetColumn);
        var from = source.At((long)rows * sourceWidth) + sourceColumn;
        var to = target.At((long)rows * targetWidth) + targetColumn;
        for (var row = 0; row < rows; row++, from += sourceWidth, to += targetWidth)
        {
            if (add) Elementwise.Run<V, AddKernel>(new(to, from), width);
            else new ReadOnlySpan<float>(from, width).CopyTo(new Span<float>(to, width));
        }
    }

    public override void ReplaceTokens(
        in DropoutMask mask, DeviceIndices rowKeys, DeviceSpan scores, int classes, int step, int rows, DeviceIndices tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        var keys = rowKeys.At(2L * rows);
        var row = scores.At((long)rows * classes);
        var ids = tokens.At((step + 1L) * rows) + ((nint)step * rows);
        for (var n = 0; n < rows; n++, row += classes)
        {
            uint x0 = (uint)step / 4, x1 = (uint)keys[(2 * n) + 1], x2 = (uint)keys[2 * n], x3 = mask.Stream;
            Philox.Block(mask.Key, ref x0, ref x1, ref x2, ref x3);
            var word = (step % 4) switch { 0 => x0, 1 => x1, 2 => x2, _ => x3 };
            if (mask.Replaces(word)) ids[n] = Reductions.FirstLargest<V>(row, classes);
        }
    }

    static void CheckColumns(int width, int all, int first)
    {
        if (width < 0 || first < 0 || first > all - width)
            throw new ArgumentException($"{width} columns from {first} on do not lie within {all}", nameof(first));
    }
}
