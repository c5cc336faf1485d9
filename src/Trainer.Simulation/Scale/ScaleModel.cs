using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Simulation;

/// <summary>What things are said to be large and to take in a <see cref="ScaleRun"/>, whose actors pass a few numbers around in place of the model's.</summary>
sealed class ScaleModel
{
    /// <summary>A message without payloads: addresses, numbers and the frame around them.</summary>
    const long SmallBytes = 128;

    /// <summary>A token and what it is to be answered with.</summary>
    const long BytesPerToken = 8;

    /// <summary>A product and a sum for each parameter and token: forward, for the gradient of the input, and for that of the weights.</summary>
    const double FlopsPerParameterAndToken = 6;

    /// <summary>Adding a gradient to another: both are read, one is written.</summary>
    const double SumPasses = 3;

    /// <summary>Adam: weights, gradient and two vectors are read; weights and two vectors are written.</summary>
    const double UpdatePasses = 7;

    readonly ScaleOptions _options;

    public ScaleModel(ScaleOptions options)
    {
        options.Validate();
        _options = options;
        Servers = ParameterBuckets.Split((int)Math.Min(options.Parameters, int.MaxValue), options.ParameterServers).Count;
        Shards = options.Shards ?? options.Workers;

        // As small as parts can be whose sums of squares are by block.
        Slices = [.. Enumerable.Range(0, Servers).Select(server => new ParameterRange(server * GradientNorm.BlockLength, server == Servers - 1 ? LastSlice : GradientNorm.BlockLength))];
        SecondsPerShard = FlopsPerParameterAndToken * options.Parameters * options.TokensPerShard / options.FlopsPerSecond;
        ExchangeSeconds = 4.0 * options.Parameters * Math.Max(1, (double)Senders / Servers) / options.BytesPerSecond;
    }

    /// <summary>Elements of the last server's slice, which may be shorter than a block.</summary>
    const int LastSlice = 64;

    /// <summary>Parameter servers that the model has buckets for.</summary>
    public int Servers { get; }

    /// <summary>Shards of a step.</summary>
    public int Shards { get; }

    /// <summary>What each server keeps of the few numbers that stand for the model.</summary>
    public IReadOnlyList<ParameterRange> Slices { get; }

    /// <summary>How many numbers that are.</summary>
    public int Length => Slices[^1].End;

    /// <summary>Time to compute a shard, forward and backward.</summary>
    public double SecondsPerShard { get; }

    /// <summary>DESIGN.md, section 9: time to bring a gradient to the servers from every worker, or the weights back, by links alone.</summary>
    public double ExchangeSeconds { get; }

    /// <summary>Time of a step when nothing overlaps: more than it takes.</summary>
    public double StepSeconds =>
        (2 * ExchangeSeconds) + (SecondsPerShard * Math.Ceiling((double)Shards / _options.Workers)) + (Shards * SumSeconds) + UpdateSeconds
        + (4 * (Shards + _options.Workers) * _options.MessageCost.TotalSeconds) + (SliceBytes * Servers / _options.MemoryBytesPerSecond) + 0.01;

    /// <summary>Workers that have shards.</summary>
    int Senders => Math.Min(_options.Workers, Shards);

    double SliceBytes => 4.0 * _options.Parameters / Servers;

    double SumSeconds => SumPasses * SliceBytes / _options.MemoryBytesPerSecond;

    double UpdateSeconds => UpdatePasses * SliceBytes / _options.MemoryBytesPerSecond;

    /// <summary>Bytes of a message on the wire. Snapshots have none: checkpoints are no part of a step.</summary>
    public long BytesOf(Message message) => message switch
    {
        PushGradient or WeightsPublished => SmallBytes + (long)SliceBytes,
        AssignShards assign => SmallBytes + (assign.Shards.Count * (SmallBytes + (_options.TokensPerShard * BytesPerToken))),
        GradientSummed or StepApplied => SmallBytes + (long)(SliceBytes / GradientNorm.BlockLength * (sizeof(double) / (double)sizeof(float))),
        SnapshotTaken or ServeParameters => 0,
        _ => SmallBytes,
    };

    /// <summary>Time that an actor is busy with a message.</summary>
    public TimeSpan CostOf(Message message) => message switch
    {
        Training.ComputeDue due => TimeSpan.FromSeconds(due.Shards * SecondsPerShard),
        PushGradient => _options.MessageCost + TimeSpan.FromSeconds(SumSeconds),

        // Writing the same message to everybody.
        ApplyStep => TimeSpan.FromSeconds(UpdateSeconds) + (Senders * _options.MessageCost),
        StepApplied => Senders * _options.MessageCost / Servers,

        // Copied and prepared by the worker.
        WeightsPublished => _options.MessageCost + TimeSpan.FromSeconds(2 * SliceBytes / _options.MemoryBytesPerSecond),
        ShardsDone or GradientSummed => _options.MessageCost,
        _ => TimeSpan.Zero,
    };
}
