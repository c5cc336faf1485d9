namespace LstmCluster.Data;

/// <summary>Which samples are alternatives of one input: found by their hashes in order, which takes twenty bytes a sample.</summary>
sealed class SampleGroups
{
    readonly UInt128[] _groups;
    readonly int[] _places;

    /// <param name="samples">The samples; each is looked at once.</param>
    public SampleGroups(IReadOnlyList<Sample> samples)
    {
        (_groups, _places) = (new UInt128[samples.Count], new int[samples.Count]);
        foreach (var (place, sample) in samples.Index()) (_groups[place], _places[place]) = (sample.Group, place);
        Array.Sort(_groups, _places);

        // The sort keeps no order of equal ones.
        for (var start = 0; start < _groups.Length;)
        {
            var end = start + 1;
            while (end < _groups.Length && _groups[end] == _groups[start]) end++;
            Array.Sort(_places, start, end - start);
            start = end;
        }
    }

    /// <summary>The places of the samples of a group, ascending.</summary>
    public IEnumerable<int> Of(UInt128 group)
    {
        var (low, high) = (0, _groups.Length);
        while (low < high)
        {
            var middle = (int)(((uint)low + (uint)high) / 2);
            if (_groups[middle] < group) low = middle + 1;
            else high = middle;
        }

        for (var at = low; at < _groups.Length && _groups[at] == group; at++) yield return _places[at];
    }
}
