namespace LstmCluster.Simulation;

/// <summary>A change of the names in a directory: one appears, one disappears, or both at once.</summary>
/// <param name="From">The name that disappears; null for none.</param>
/// <param name="To">The name that appears; null for none.</param>
/// <param name="Node">What <paramref name="To"/> names: a <see cref="DiskFolder"/> or a <see cref="DiskFile"/>.</param>
sealed record NameChange(string? From, string? To, object? Node)
{
    public void ApplyTo(SortedDictionary<string, object> names)
    {
        if (From is not null) names.Remove(From);
        if (To is not null) names[To] = Node!;
    }

    public bool Touches(HashSet<string> names) => (From is not null && names.Contains(From)) || (To is not null && names.Contains(To));
}
