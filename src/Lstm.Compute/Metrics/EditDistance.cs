namespace LstmCluster.Compute;

/// <summary>The least number of tokens to insert, delete or replace that makes one sequence of another (Levenshtein 1966).</summary>
public static class EditDistance
{
    /// <summary>The distance between two sequences.</summary>
    public static int Between(ReadOnlySpan<int> from, ReadOnlySpan<int> to)
    {
        // costs[j] is the distance between what is read of the one and the first j tokens of the other.
        var costs = new int[to.Length + 1];
        for (var j = 0; j <= to.Length; j++) costs[j] = j;
        for (var i = 0; i < from.Length; i++)
        {
            var diagonal = costs[0]++;
            for (var j = 0; j < to.Length; j++)
            {
                var replaced = diagonal + (from[i] == to[j] ? 0 : 1);
                diagonal = costs[j + 1];
                costs[j + 1] = Math.Min(replaced, Math.Min(costs[j], costs[j + 1]) + 1);
            }
        }

        return costs[^1];
    }
}
