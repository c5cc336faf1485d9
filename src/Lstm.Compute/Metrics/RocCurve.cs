namespace LstmCluster.Compute;

/// <summary>How well scores tell two kinds apart, whatever the threshold.</summary>
public static class RocCurve
{
    /// <summary>
    /// The area under the curve: how likely a positive, drawn at random, has a higher score than a negative; equal scores count half (Hanley &amp; McNeil 1982).
    /// </summary>
    /// <param name="scores">The scores.</param>
    /// <param name="positives">For each whether it is of the kind that should score high.</param>
    /// <returns>From 0 to 1; null where all are of one kind.</returns>
    /// <exception cref="ArgumentException">There are not as many scores as kinds, or a score is not a number.</exception>
    public static double? Area(ReadOnlySpan<double> scores, ReadOnlySpan<bool> positives)
    {
        if (scores.Length != positives.Length) throw new ArgumentException($"{scores.Length} scores for {positives.Length} kinds", nameof(scores));
        var (sorted, order) = (scores.ToArray(), Enumerable.Range(0, scores.Length).ToArray());
        if (Array.Exists(sorted, double.IsNaN)) throw new ArgumentException("a score is not a number", nameof(scores));
        Array.Sort(sorted, order);

        // Pairs in which the positive is higher, twice, so that a tie is one and the sum is exact.
        long pairs = 0, negatives = 0, found = 0;
        for (var first = 0; first < sorted.Length;)
        {
            long here = 0, others = 0;
            var end = first;
            for (; end < sorted.Length && sorted[end] == sorted[first]; end++)
            {
                if (positives[order[end]]) here++;
                else others++;
            }

            pairs += here * ((2 * negatives) + others);
            (negatives, found, first) = (negatives + others, found + here, end);
        }

        return negatives == 0 || found == 0 ? null : pairs / (2.0 * negatives * found);
    }
}
