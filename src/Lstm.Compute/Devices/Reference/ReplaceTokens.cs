namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void ReplaceTokens(in DropoutMask mask, DeviceIndices rowKeys, DeviceSpan scores, int classes, int step, int rows, DeviceIndices tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        var keys = WholeNumbers(rowKeys, 2 * rows);
        var all = Numbers(scores, rows * classes);
        var ids = WholeNumbers(tokens, int.CreateSaturating((step + 1L) * rows))[(step * rows)..];
        for (var n = 0; n < rows; n++)
        {
            if (mask.Replaces(mask.Word((uint)step, shard: (uint)keys[2 * n], row: (uint)keys[(2 * n) + 1])))
                ids[n] = FirstLargest(RowOf(all, n, classes));
        }
    }

    static int FirstLargest(ReadOnlySpan<T> scores)
    {
        var (best, largest) = (0, T.NegativeInfinity);
        for (var index = 0; index < scores.Length; index++)
        {
            if (scores[index] > largest)
                (best, largest) = (index, scores[index]);
        }

        return best;
    }
}
