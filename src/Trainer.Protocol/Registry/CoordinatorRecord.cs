namespace LstmCluster.Protocol;

/// <summary>Who would be coordinator.</summary>
/// <param name="Name">Name of the process, for people.</param>
/// <param name="Endpoint">Where workers reach it, <c>host:port</c>.</param>
public sealed record Candidate(string Name, string Endpoint);

/// <summary>Who is coordinator.</summary>
/// <param name="Term">Its reign.</param>
/// <param name="Name">Name of the process, for people.</param>
/// <param name="Endpoint">Where workers reach it, <c>host:port</c>.</param>
public sealed record CoordinatorRecord(Term Term, string Name, string Endpoint)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} at {Endpoint}, {Term}";
}

/// <summary>How a run has ended.</summary>
/// <param name="Term">The reign in which it did.</param>
/// <param name="How">How, in words.</param>
/// <param name="Failed">True when it could not go on.</param>
public sealed record RunEnding(Term Term, string How, bool Failed);
