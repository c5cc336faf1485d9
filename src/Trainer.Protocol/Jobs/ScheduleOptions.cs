namespace LstmCluster.Protocol;

/// <summary>How the learning rate changes over the steps: a factor on the optimizer's rate. Each schedule is a record of its own.</summary>
public abstract record ScheduleOptions;

/// <summary>The rate stays as it is (<c>schedule: constant</c>).</summary>
public sealed record ConstantScheduleOptions : ScheduleOptions;

/// <summary>The factor rises linearly from 0 to 1, then stays (<c>warmup:</c>).</summary>
public sealed record WarmupScheduleOptions : ScheduleOptions
{
    /// <summary>Steps until the full rate.</summary>
    public required int Steps { get; init; }
}

/// <summary>Linear warm-up, then half a cosine down to the floor (<c>cosine:</c>), Loshchilov and Hutter 2017 without restarts.</summary>
public sealed record CosineScheduleOptions : ScheduleOptions
{
    /// <summary>Step at which the floor is reached, warm-up included; null means the run's last, and a job that was read has it filled in.</summary>
    public int? Steps { get; init; }

    /// <summary>Factor that remains at the end, from 0 to 1.</summary>
    public double Floor { get; init; }

    /// <summary>Steps of linear warm-up before; fewer than <see cref="Steps"/>.</summary>
    public int Warmup { get; init; }
}

/// <summary>The factor is multiplied at regular steps (<c>step:</c>).</summary>
public sealed record StepScheduleOptions : ScheduleOptions
{
    /// <summary>Steps between two changes.</summary>
    public required int Every { get; init; }

    /// <summary>What the factor is multiplied with, above 0 and up to 1.</summary>
    public double Factor { get; init; } = 0.1;
}
