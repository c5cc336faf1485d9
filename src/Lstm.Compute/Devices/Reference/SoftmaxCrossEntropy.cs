namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void SoftmaxCrossEntropy(DeviceSpan logits, int classes, DeviceIndices targets, int count, DeviceSpan losses, bool gradient) =>
        SmoothedCrossEntropy(logits, classes, targets, count, smoothing: 0f, losses, gradient);

    /// <inheritdoc/>
    public void SmoothedCrossEntropy(
        DeviceSpan logits, int classes, DeviceIndices targets, int count, float smoothing, DeviceSpan losses, bool gradient)
    {
        if (!(smoothing is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(smoothing), smoothing, "must be from 0 to 1");
        var share = Number(smoothing);
        var scores = Numbers(logits, count * classes);
        var wanted = WholeNumbers(targets, count);
        var loss = Numbers(losses, count);
        for (var position = 0; position < count; position++)
        {
            var row = scores.Slice(position * classes, classes);
            var target = wanted[position];
            if (target >= classes)
                throw new ArgumentException($"target {target} does not lie below {classes}", nameof(targets));
            var (largest, sum) = ShiftedSum(row);
            loss[position] = target < 0 ? T.Zero : T.Log(sum) + (largest - row[target]);
            if (target >= 0 && smoothing > 0)
                loss[position] += share * (row[target] - Mean(row));
            if (gradient)
                LossGradient(row, largest, sum, target, share);
        }
    }

    /// <summary>The largest score, and the sum of exponentials relative to it, so that none overflows.</summary>
    static (T Largest, T Sum) ShiftedSum(ReadOnlySpan<T> row)
    {
        var largest = row[0];
        foreach (var score in row)
            largest = T.Max(largest, score);
        var sum = T.Zero;
        foreach (var score in row)
            sum += T.Exp(score - largest);
        return (largest, sum);
    }

    static T Mean(ReadOnlySpan<T> row)
    {
        var sum = T.Zero;
        foreach (var score in row)
            sum += score;
        return sum / T.CreateChecked(row.Length);
    }

    /// <summary>Scores to <c>softmax - target distribution</c>, or to zero for an ignored target.</summary>
    static void LossGradient(Span<T> row, T largest, T sum, int target, T smoothing)
    {
        var share = smoothing / T.CreateChecked(row.Length);
        for (var index = 0; index < row.Length; index++)
            row[index] = target < 0 ? T.Zero : (T.Exp(row[index] - largest) / sum) - (index == target ? T.One - smoothing + share : share);
    }
}
