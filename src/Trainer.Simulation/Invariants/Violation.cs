namespace LstmCluster.Simulation;

/// <summary>Something that must never happen has happened.</summary>
/// <param name="Invariant">Which invariant, in a few words: 1 to 7 are those of the design, the others are the simulator's own.</param>
/// <param name="What">What was seen.</param>
/// <param name="At">Virtual time since the start.</param>
public sealed record Violation(string Invariant, string What, TimeSpan At)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Invariant}: {What} (at {At.TotalSeconds:0.000} s)");
}
