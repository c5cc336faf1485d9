namespace LstmCluster.Protocol;

/// <summary>What a person who mistyped a name probably meant.</summary>
static class NearestName
{
    /// <summary>A hint in brackets: the nearest name when one is near, else all of them.</summary>
    public static string Hint(string typed, IReadOnlyCollection<string> known)
    {
        var nearest = known.Select(name => (name, distance: Distance(typed, name))).OrderBy(x => x.distance).ThenBy(x => x.name, StringComparer.Ordinal).FirstOrDefault();
        if (nearest.name is not null && nearest.distance <= Math.Max(2, nearest.name.Length / 3) && nearest.distance < nearest.name.Length)
            return $" (did you mean {nearest.name}?)";
        return known.Count == 0 ? "" : $" (known here: {string.Join(", ", known)})";
    }

    /// <summary>Levenshtein distance, without regard to case; a long name counts as far away without the work.</summary>
    static int Distance(string a, string b)
    {
        const int longest = 64;
        if (a.Length > longest)
            return int.MaxValue;
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + cost));
            }
        }

        return row[b.Length];
    }
}
