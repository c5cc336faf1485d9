namespace LstmCluster.Protocol;

/// <summary>When checkpoints are written and how many are kept (<c>training.checkpoint:</c>).</summary>
public sealed record CheckpointOptions
{
    /// <summary>Time or steps between two checkpoints. There is always one at the end.</summary>
    public CheckpointInterval Every { get; init; } = new CheckpointByTime(TimeSpan.FromSeconds(30));

    /// <summary>Complete checkpoints that are kept; older ones are deleted.</summary>
    public int Keep { get; init; } = 3;
}

/// <summary>Distance between two checkpoints: a time (<c>30s</c>) or a number of steps (<c>100 steps</c>).</summary>
public abstract record CheckpointInterval;

/// <summary>A checkpoint when this much time has passed since the last.</summary>
/// <param name="Time">Positive, in whole milliseconds.</param>
public sealed record CheckpointByTime(TimeSpan Time) : CheckpointInterval;

/// <summary>A checkpoint after this many steps.</summary>
/// <param name="Steps">At least 1.</param>
public sealed record CheckpointBySteps(int Steps) : CheckpointInterval;
