namespace LstmCluster.Compute.Gpu;

public sealed partial class GpuDevice
{
    static readonly GpuKernel s_normForward = new("norm", "norm_forward");
    static readonly GpuKernel s_normBackward = new("norm", "norm_backward");

    /// <inheritdoc/>
    public void NormForward(
        int count, int width, DeviceSpan input, DeviceSpan gainAndShift, DeviceSpan normalized, DeviceSpan inverseDeviations, DeviceSpan output)
    {
        var length = (long)count * width;
        Normalize(
            At(input, length), At(gainAndShift, 2L * width), GpuSpan.None, 0, At(normalized, length), At(inverseDeviations, count), At(output, length),
            count, width, InverseDeviations.InOrder(count));
    }

    /// <inheritdoc/>
    public void NormBackward(
        int count, int width, DeviceSpan gainAndShift, DeviceSpan normalized, DeviceSpan inverseDeviations, DeviceSpan outputGradient,
        DeviceSpan inputGradient)
    {
        var length = (long)count * width;
        NormalizeGradient(
            At(normalized, length), At(inverseDeviations, count), At(gainAndShift, 2L * width), At(outputGradient, length), At(inputGradient, length),
            count, width, InverseDeviations.InOrder(count));
    }

    /// <inheritdoc/>
    public void NormWeightGradient(
        BatchShape shape, RowRange rows, int width, DeviceSpan outputGradient, DeviceSpan normalized, DeviceSpan gainAndShiftGradient, bool accumulate)
    {
        Check(rows, shape.Rows);
        var length = (long)shape.Positions * width;
        var over = new GpuPositions(shape, rows, accumulate ? Summation.Add : Summation.Write, LastFirst: false);
        NormSums(over, At(outputGradient, length), At(normalized, length), width, At(gainAndShiftGradient, 2L * width));
    }

    /// <summary><c>y = gain*normalized + shift (+ addend)</c> of each row; an addend's stride is 0 when all rows share it.</summary>
    void Normalize(
        GpuSpan x, GpuSpan gainAndShift, GpuSpan addend, int addendStride, GpuSpan normalized, GpuSpan inverses, GpuSpan y, int rows, int width,
        InverseDeviations order) =>
        Launch(s_normForward, GpuGrid.Rows(rows),
            [x, gainAndShift, addend, addendStride, normalized, inverses, y, width, order.RowsOfStep, order.StepStride, LstmOptions.NormEpsilon]);

    void NormalizeGradient(
        GpuSpan normalized, GpuSpan inverses, GpuSpan gain, GpuSpan dy, GpuSpan dx, int rows, int width, InverseDeviations order) =>
        Launch(s_normBackward, GpuGrid.Rows(rows), [normalized, inverses, gain, dy, dx, width, order.RowsOfStep, order.StepStride]);

    /// <summary>Gradients of gain and shift.</summary>
    void NormSums(in GpuPositions over, GpuSpan dy, GpuSpan normalized, int width, GpuSpan gainAndShift)
    {
        ColumnSums(over, dy, width, normalized, width, gainAndShift);
        ColumnSums(over, dy, width, GpuSpan.None, width, gainAndShift.From(width));
    }

    /// <summary>Where the inverse deviation of row r stands: at <c>r / RowsOfStep * StepStride + r % RowsOfStep</c>.</summary>
    readonly record struct InverseDeviations(int RowsOfStep, int StepStride)
    {
        /// <summary>One after the other.</summary>
        public static InverseDeviations InOrder(int rows) => new(Math.Max(1, rows), 0);

        /// <summary>Within [T,3,N], as an LSTM keeps them.</summary>
        public static InverseDeviations OfLstm(int batchRows) => new(Math.Max(1, batchRows), 3 * batchRows);
    }
}
