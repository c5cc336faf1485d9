namespace LstmCluster.Training;

/// <summary>The coordinator's part that knows which types of device have computed for the run: only those of one type give the same bits.</summary>
/// <param name="before">What <see cref="ToString"/> gave when the run was left; empty at its beginning.</param>
sealed class DeviceTypes(string before)
{
    const string Separator = "; ";

    readonly SortedSet<string> _before = Of(before), _here = new(StringComparer.Ordinal);

    /// <summary>A worker computes from now on.</summary>
    /// <param name="type">The type of its device.</param>
    /// <returns>What a person has to know of it; null for nothing.</returns>
    public string? Add(string type)
    {
        if (!_here.Add(type) || (_here.Count == 1 && (_before.Count == 0 || _before.Contains(type)))) return null;
        return _here.Count == 1
            ? $"the run was computed on {Words(_before)} until now and goes on on {type}: the weights will not have the bits of a run that stays on one type of device"
            : $"workers compute on different types of device, {Words(_here)}: the weights depend on who computes what; only devices of one type give the same bits";
    }

    /// <summary>All types, of before and of here, for a checkpoint.</summary>
    public override string ToString() => string.Join(Separator, _before.Union(_here).Order(StringComparer.Ordinal));

    static SortedSet<string> Of(string types) => new(types.Split(Separator, StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);

    static string Words(SortedSet<string> types) => types.Count == 1 ? types.First() : $"{string.Join(", ", types.SkipLast(1))} and {types.Last()}";
}
