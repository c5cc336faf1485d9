namespace LstmCluster.Simulation;

/// <summary>Invariant 7: with faults off, the job always ends.</summary>
sealed class AlwaysEnds : Invariant
{
    public override string Name => "7 with faults off the job always ends";

    /// <summary>The time that it has is over, or there is nothing left that could happen.</summary>
    /// <param name="how">Which of both, and what was going on.</param>
    public void NotEnded(string how) => Violated(how);
}
