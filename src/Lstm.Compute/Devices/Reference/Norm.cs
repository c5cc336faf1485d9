namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void NormForward(
        int count, int width, DeviceSpan input, DeviceSpan gainAndShift, DeviceSpan normalized, DeviceSpan inverseDeviations, DeviceSpan output)
    {
        var x = Numbers(input, count * width);
        var norm = Numbers(gainAndShift, 2 * width);
        var kept = Numbers(normalized, count * width);
        var deviations = Numbers(inverseDeviations, count);
        var y = Numbers(output, count * width);
        x.CopyTo(kept);
        for (var position = 0; position < count; position++)
        {
            var row = RowOf(kept, position, width);
            deviations[position] = Normalize(row);
            for (var index = 0; index < width; index++)
                y[(position * width) + index] = Scaled(row, norm, index);
        }
    }

    /// <inheritdoc/>
    public void NormBackward(
        int count, int width, DeviceSpan gainAndShift, DeviceSpan normalized, DeviceSpan inverseDeviations, DeviceSpan outputGradient,
        DeviceSpan inputGradient)
    {
        var norm = Numbers(gainAndShift, 2 * width);
        var kept = Numbers(normalized, count * width);
        var deviations = Numbers(inverseDeviations, count);
        var dy = Numbers(outputGradient, count * width);
        var dx = Numbers(inputGradient, count * width);
        for (var position = 0; position < count; position++)
            NormalizeGradient(RowOf(dy, position, width), norm, RowOf(kept, position, width), deviations[position], RowOf(dx, position, width));
    }

    /// <inheritdoc/>
    public void NormWeightGradient(
        BatchShape shape, RowRange rows, int width, DeviceSpan outputGradient, DeviceSpan normalized, DeviceSpan gainAndShiftGradient, bool accumulate)
    {
        CheckRows(shape, rows);
        var dy = Numbers(outputGradient, shape.Positions * width);
        var kept = Numbers(normalized, shape.Positions * width);
        var sums = new GradientSums(Numbers(gainAndShiftGradient, 2 * width), accumulate ? Summation.Add : Summation.Write);
        for (var t = 0; t < shape.Steps; t++)
        {
            for (var n = rows.First; n < rows.First + rows.Count; n++)
            {
                var position = (t * shape.Rows) + n;
                sums.AddNorm(RowOf(dy, position, width), RowOf(kept, position, width));
            }
        }

        sums.Finish();
    }
}
