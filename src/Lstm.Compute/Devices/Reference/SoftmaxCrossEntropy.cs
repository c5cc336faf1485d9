namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void SoftmaxCrossEntropy(DeviceSpan logits, int classes, DeviceIndices targets, int count, DeviceSpan losses, bool gradient)
    {
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
            if (gradient)
                LossGradient(row, largest, sum, target);
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

    /// <summary>Scores to <c>softmax - onehot(target)</c>, or to zero for an ignored target.</summary>
    static void LossGradient(Span<T> row, T largest, T sum, int target)
    {
        for (var index = 0; index < row.Length; index++)
            row[index] = target < 0 ? T.Zero : (T.Exp(row[index] - largest) / sum) - (index == target ? T.One : T.Zero);
    }
}
