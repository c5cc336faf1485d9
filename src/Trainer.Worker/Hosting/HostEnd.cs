namespace LstmCluster.Training;

/// <summary>Why a host is gone.</summary>
/// <param name="Kind">What follows from it.</param>
/// <param name="Reason">The same in words.</param>
public sealed record HostEnd(HostEndKind Kind, string Reason);

/// <summary>What follows from the end of a host.</summary>
public enum HostEndKind
{
    /// <summary>Nothing is left to compute.</summary>
    RunEnded,

    /// <summary>The run could not go on.</summary>
    RunFailed,

    /// <summary>The coordinator is away; it, or another one, may come.</summary>
    Lost,

    /// <summary>Every worker has failed again and again, or the job is none that can be computed here.</summary>
    Failed,

    /// <summary>The coordinator was away for longer than the process was to look for it.</summary>
    Away,
}
