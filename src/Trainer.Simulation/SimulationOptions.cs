namespace LstmCluster.Simulation;

/// <summary>One simulation of a cluster.</summary>
public sealed record SimulationOptions
{
    /// <summary>Draws everything: the order of messages, faults, speeds, clocks.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Worker processes; each has one slot or two, as the seed says.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>Parts of the parameters that the coordinator's process keeps; null to draw it from the seed, or to take what <see cref="ParameterServerProcesses"/> leaves.</summary>
    public int? ParameterServers { get; init; }

    /// <summary>Parts that processes of their own keep; null to draw it from the seed, or for none where <see cref="ParameterServers"/> is given.</summary>
    public int? ParameterServerProcesses { get; init; }

    /// <summary>Coordinators that stand by, elected through a registry; 0 for one that is started again, without a registry; null to draw it from the seed.</summary>
    public int? Standbys { get; init; }

    /// <summary>What may go wrong.</summary>
    public FaultKinds Faults { get; init; } = FaultKinds.All;

    /// <summary>Virtual time that the job has to end once nothing goes wrong any more.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The command that replays it.</summary>
    /// <param name="job">The job as it was given.</param>
    public string Command(string job) => FormattableString.Invariant(
        $"lstm-cluster simulate {job} --workers {Workers}{Given("--parameter-servers", ParameterServers)}{Given("--parameter-server-processes", ParameterServerProcesses)}{Given("--standbys", Standbys)} --seed {Seed} --faults {FaultNames.Format(Faults)}");

    static string Given(string option, int? count) => count is { } given ? FormattableString.Invariant($" {option} {given}") : "";
}
