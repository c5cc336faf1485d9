namespace LstmCluster.Protocol;

/// <summary>Where actors are found that other processes look for.</summary>
public static class ActorNames
{
    /// <summary>Who keeps a run going; at the root of the coordinator's process.</summary>
    public const string Run = "run";

    /// <summary>The coordinator; below <see cref="Run"/>. Each generation of the run has another one under this name.</summary>
    public const string Coordinator = "coordinator";

    /// <summary>Path of the coordinator.</summary>
    public const string CoordinatorPath = $"/{Run}/{Coordinator}";
}
