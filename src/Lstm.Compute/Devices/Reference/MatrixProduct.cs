namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public PreparedMatrix AllocatePrepared(int rows, int columns, MatrixUse use) => new ReferenceMatrix<T>(rows, columns, use);

    /// <inheritdoc/>
    public void Prepare(DeviceSpan matrix, PreparedMatrix target)
    {
        var copy = Matrix(target);
        Numbers(matrix, copy.Rows * copy.Columns).CopyTo(copy.Values);
    }

    /// <inheritdoc/>
    public void Multiply(DeviceSpan x, int rows, PreparedMatrix b, DeviceSpan y, DeviceSpan bias, bool accumulate)
    {
        var matrix = Matrix(b);
        var starts = accumulate || bias.IsEmpty ? [] : Numbers(bias, matrix.Outer);
        var input = Numbers(x, rows * matrix.Inner);
        var output = Numbers(y, rows * matrix.Outer);
        for (var row = 0; row < rows; row++)
        {
            for (var outer = 0; outer < matrix.Outer; outer++)
            {
                ref var element = ref output[(row * matrix.Outer) + outer];
                var start = accumulate ? element : starts.IsEmpty ? T.Zero : starts[outer];
                element = Chain(start, input.Slice(row * matrix.Inner, matrix.Inner), matrix, outer);
            }
        }
    }

    /// <summary>One element of a product: a chain of fused multiply-adds in ascending order of the inner index.</summary>
    T Chain(T start, ReadOnlySpan<T> row, ReferenceMatrix<T> matrix, int outer)
    {
        var sum = start;
        for (var inner = 0; inner < row.Length; inner++)
            sum = T.FusedMultiplyAdd(Operand(row[inner]), Operand(matrix[inner, outer]), sum);
        return sum;
    }

    /// <summary>A number as products take it.</summary>
    T Operand(T value) => _precision == ComputePrecision.Fp32 ? value : Number(_precision.Round(float.CreateTruncating(value)));

    /// <summary>Numbers as products take them.</summary>
    ReadOnlySpan<T> Operands(ReadOnlySpan<T> values)
    {
        if (_precision == ComputePrecision.Fp32)
            return values;
        var rounded = values.ToArray();
        foreach (ref var value in rounded.AsSpan())
            value = Operand(value);
        return rounded;
    }
}
