namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void Add(DeviceSpan target, DeviceSpan other)
    {
        var sum = Numbers(target);
        var terms = Numbers(other, target.Length);
        for (var index = 0; index < sum.Length; index++)
            sum[index] += terms[index];
    }

    /// <inheritdoc/>
    public void Scale(DeviceSpan target, float factor)
    {
        foreach (ref var element in Numbers(target))
            element *= Number(factor);
    }

    /// <inheritdoc/>
    public void Clamp(DeviceSpan target, float limit)
    {
        var bound = Number(limit);
        foreach (ref var element in Numbers(target))
            element = element > bound ? bound : element < -bound ? -bound : element;
    }

    /// <inheritdoc/>
    public void RoundToBf16(DeviceSpan target)
    {
        foreach (ref var element in Numbers(target))
            element = Number(Bf16.Round(float.CreateTruncating(element)));
    }

    /// <inheritdoc/>
    public void Tanh(DeviceSpan input, DeviceSpan output)
    {
        var y = Numbers(output);
        var x = Numbers(input, output.Length);
        for (var index = 0; index < y.Length; index++)
            y[index] = T.Tanh(x[index]);
    }

    /// <inheritdoc/>
    public void TanhGradient(DeviceSpan output, DeviceSpan gradient)
    {
        var dy = Numbers(gradient);
        var y = Numbers(output, gradient.Length);
        for (var index = 0; index < dy.Length; index++)
            dy[index] *= T.One - (y[index] * y[index]);
    }

    /// <inheritdoc/>
    public void CopyColumns(
        int rows, int width, DeviceSpan source, int sourceWidth, int sourceColumn, DeviceSpan target, int targetWidth, int targetColumn, bool add)
    {
        CheckColumns(width, sourceWidth, sourceColumn);
        CheckColumns(width, targetWidth, targetColumn);
        var from = Numbers(source, rows * sourceWidth);
        var to = Numbers(target, rows * targetWidth);
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < width; column++)
            {
                ref var element = ref to[(row * targetWidth) + targetColumn + column];
                var copied = from[(row * sourceWidth) + sourceColumn + column];
                element = add ? element + copied : copied;
            }
        }
    }

    static void CheckColumns(int width, int all, int first)
    {
        if (width < 0 || first < 0 || first > all - width)
            throw new ArgumentException($"columns {first} to {first + width} do not lie within {all}", nameof(first));
    }

    /// <inheritdoc/>
    public void SumSquares(DeviceSpan x, int blockLength, Span<double> sums)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockLength);
        var numbers = Numbers(x);
        var blocks = (numbers.Length + blockLength - 1) / blockLength;
        if (sums.Length != blocks)
            throw new ArgumentException($"{nameof(sums)} must have {blocks} elements, has {sums.Length}", nameof(sums));
        sums.Clear();
        for (var index = 0; index < numbers.Length; index++)
        {
            var number = double.CreateChecked(numbers[index]);
            sums[index / blockLength] += number * number;
        }
    }
}
