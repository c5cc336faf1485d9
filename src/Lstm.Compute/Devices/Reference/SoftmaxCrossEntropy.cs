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
            var logSum = LogSumExp(row);
            loss[position] = target < 0 ? T.Zero : logSum - row[target];
            if (gradient)
                LossGradient(row, logSum, target);
        }
    }

    /// <summary>Logarithm of the sum of exponentials, from the largest element so that none overflows.</summary>
    static T LogSumExp(ReadOnlySpan<T> row)
    {
        var largest = row[0];
        foreach (var score in row)
            largest = T.Max(largest, score);
        var sum = T.Zero;
        foreach (var score in row)
            sum += T.Exp(score - largest);
        return largest + T.Log(sum);
    }

    /// <summary>Scores to <c>softmax - onehot(target)</c>, or to zero for an ignored target.</summary>
    static void LossGradient(Span<T> row, T logSum, int target)
    {
        for (var index = 0; index < row.Length; index++)
            row[index] = target < 0 ? T.Zero : T.Exp(row[index] - logSum) - (index == target ? T.One : T.Zero);
    }
}
