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
