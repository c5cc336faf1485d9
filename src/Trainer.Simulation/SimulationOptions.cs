namespace LstmCluster.Simulation;

/// <summary>One simulation of a cluster.</summary>
public sealed record SimulationOptions
{
    /// <summary>Draws everything: the order of messages, faults, speeds, clocks.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Worker processes; each has one slot or two, as the seed says.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>What may go wrong.</summary>
    public FaultKinds Faults { get; init; } = FaultKinds.All;

    /// <summary>Virtual time that the job has to end once nothing goes wrong any more.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The command that replays it.</summary>
    /// <param name="job">The job as it was given.</param>
    public string Command(string job) => FormattableString.Invariant(
        $"lstm-cluster simulate {job} --workers {Workers} --seed {Seed} --faults {FaultNames.Format(Faults)}");
}
