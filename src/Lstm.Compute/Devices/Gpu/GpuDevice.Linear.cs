namespace LstmCluster.Compute.Gpu;

public sealed partial class GpuDevice
{
    /// <summary>So many tiles a product must have for wide ones: with fewer groups than half of a large chip's multiprocessors small tiles are faster.</summary>
    internal int LeastWideTiles { get; init; } = 64;

    static readonly GpuKernel s_transpose = new("linear", "linear_transpose");
    static readonly GpuKernel s_multiply = new("linear", "linear_multiply");
    static readonly GpuKernel s_linearGradient = new("linear", "linear_gradient");
    static readonly GpuKernel s_multiplyWide = new("linear_wide", "linear_multiply_wide");
    static readonly GpuKernel s_linearGradientWide = new("linear_wide", "linear_gradient_wide");
    static readonly GpuKernel s_columnSums = new("linear", "linear_column_sums");

    /// <inheritdoc/>
    public PreparedMatrix AllocatePrepared(int rows, int columns, MatrixUse use) => new GpuMatrix(rows, columns, use, _runtime);

    /// <inheritdoc/>
    public void Prepare(DeviceSpan matrix, PreparedMatrix target)
    {
        ArgumentNullException.ThrowIfNull(target);
        var count = checked(target.Rows * target.Columns);
        var (source, own) = (At(matrix, count), target.Of(_runtime, target.Rows, target.Columns, target.Use));
        if (target.Use == MatrixUse.Forward) Launch(s_transpose, GpuGrid.Elements(count), [source, own.Values, target.Outer, count]);
        else Copy(source, own.Values, count);
    }

    /// <inheritdoc/>
    public void Multiply(DeviceSpan x, int rows, PreparedMatrix b, DeviceSpan y, DeviceSpan bias, bool accumulate)
    {
        ArgumentNullException.ThrowIfNull(b);
        Multiply(
            At(x, (long)rows * b.Inner), rows, b.Of(_runtime, b.Rows, b.Columns, b.Use), At(y, (long)rows * b.Outer),
            accumulate ? GpuSpan.None : AtAny(bias, b.Outer), accumulate);
    }

    /// <inheritdoc/>
    public void LinearGradient(
        BatchShape shape, RowRange rows, DeviceSpan outputGradient, int outputs, DeviceSpan input, int inputs,
        DeviceSpan kernelGradient, DeviceSpan biasGradient, bool accumulate)
    {
        Check(rows, shape.Rows);
        var dy = At(outputGradient, (long)shape.Positions * outputs);
        var x = At(input, (long)shape.Positions * inputs);
        var (kernel, bias) = (At(kernelGradient, (long)outputs * inputs), AtAny(biasGradient, outputs));
        var over = new GpuPositions(shape, rows, accumulate ? Summation.Add : Summation.Write, LastFirst: false);
        if (inputs > 0) Gradient(over, dy, outputs, x, inputs, kernel);
        if (bias.IsGiven) ColumnSums(over, dy, outputs, GpuSpan.None, outputs, bias);
    }

    void Multiply(GpuSpan x, int rows, GpuMatrix b, GpuSpan y, GpuSpan bias, bool accumulate)
    {
        var isWide = IsWide(rows, b.Outer);
        Launch(
            isWide ? s_multiplyWide : s_multiply, isWide ? GpuGrid.WideTiles(rows, b.Outer) : GpuGrid.Tiles(rows, b.Outer),
            [x, b.Values, y, bias, accumulate, rows, b.Inner, b.Outer]);
    }

    /// <summary>
    /// True where a product has so many wide tiles that they fill a GPU. The shape and the kind of device decide, never a measurement: what tensor cores add up may
    /// depend on the tile.
    /// </summary>
    bool IsWide(int rows, int columns) => _runtime.HasWideTiles && GpuGrid.WideTiles(rows, columns).Groups >= LeastWideTiles;

    /// <summary><c>gradient = sum over positions of left right^T</c>.</summary>
    void Gradient(in GpuPositions over, GpuSpan left, int outputs, GpuSpan right, int inputs, GpuSpan gradient)
    {
        var isWide = IsWide(outputs, inputs);
        Launch(
            isWide ? s_linearGradientWide : s_linearGradient, isWide ? GpuGrid.WideTiles(outputs, inputs) : GpuGrid.Tiles(outputs, inputs),
            [
                left, outputs, right, inputs, gradient, (int)over.Sum, over.Shape.Steps, over.Shape.Rows, over.Rows.First, over.Rows.Count, over.LastFirst,
            ]);
    }

    /// <summary><c>sums = sum over positions of a</c>, or of <c>a*b</c> where b is given.</summary>
    void ColumnSums(in GpuPositions over, GpuSpan a, int aWidth, GpuSpan b, int width, GpuSpan sums) =>
        Launch(s_columnSums, GpuGrid.Elements(width),
        [
            a, aWidth, b, width, sums, (int)over.Sum, over.Shape.Steps, over.Shape.Rows, over.Rows.First, over.Rows.Count, over.LastFirst,
        ]);

    /// <summary>The positions over which a gradient is summed, in which order, and what becomes of what its target holds.</summary>
    /// <param name="Shape">T and N of the operands.</param>
    /// <param name="Rows">The shard's rows.</param>
    /// <param name="Sum">What becomes of what the target holds.</param>
    /// <param name="LastFirst">True for <see cref="TimeSegments"/> from the last to the first; false for t ascending.</param>
    readonly record struct GpuPositions(BatchShape Shape, RowRange Rows, Summation Sum, bool LastFirst);
}
