namespace LstmCluster.Training;

/// <summary>How long the coordinator waits for whom, and what follows: every wait of it is in this table, and in ARCHITECTURE.md.</summary>
public sealed record WaitLimits
{
    /// <summary>How often the coordinator looks whether somebody takes too long.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Times the median of the round's finished assignments after which one is slow: a worker that has nothing to do computes its shards as well.</summary>
    public double SlowFactor { get; init; } = 2;

    /// <summary>No assignment is slow before.</summary>
    public TimeSpan LeastSlow { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Times what a round usually takes after which an assignment is said again to the same worker; then after twice that each time, up to 10 s or as much as the first time.</summary>
    public double RepeatFactor { get; init; } = 4;

    /// <summary>No assignment is said again before.</summary>
    public TimeSpan LeastRepeat { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The same as long as nobody knows what a round usually takes.</summary>
    public TimeSpan FirstRepeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the last shard of a step to asking a parameter server what its sum misses, which is then computed again; or twice what the sum usually takes, where this is longer. Then after twice that each time, up to 2 s or as much as the first time.</summary>
    public TimeSpan Sum { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>From telling a parameter server to make the next weights to telling it again; then after twice that each time, up to 2 s.</summary>
    public TimeSpan Apply { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>From giving a parameter server of another process its part to giving it again, and each time after that; or what the part takes at 1 Gbit/s, where this is longer.</summary>
    public TimeSpan Serve { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For any answer of a parameter server, from the first time it was asked for; then the generation is lost. At least six times as long as between two repetitions.</summary>
    public TimeSpan ParameterServer { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// From asking for a snapshot of weights that have moved on meanwhile to asking for a later one, in addition to what it takes at 1 Gbit/s. While they have not moved on it is asked
    /// for again as <see cref="Apply"/> says, but not before that time is over.
    /// </summary>
    public TimeSpan Snapshot { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For a snapshot in all, and at least six times as long as between two repetitions; then the checkpoint has failed, and is asked for again when the next one is due.</summary>
    public TimeSpan SnapshotInAll { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For the checkpointer; then it is reported, again and again, and training goes on.</summary>
    public TimeSpan Checkpointer { get; init; } = TimeSpan.FromMinutes(1);
}
