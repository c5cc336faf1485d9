using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Computes with another, and has it counted for how long, and for how long there was nothing to compute.</summary>
/// <param name="inner">Computes; disposed with this.</param>
/// <param name="worker">Name of the worker.</param>
/// <param name="metrics">Who counts.</param>
/// <param name="time">Where time comes from.</param>
sealed class MeteredCompute(IShardCompute inner, string worker, WorkerMetrics metrics, TimeProvider time) : IShardCompute
{
    long _idleSince = time.GetTimestamp();

    /// <inheritdoc/>
    public int GradientLength => inner.GradientLength;

    /// <inheritdoc/>
    public GradientPrecision Precision => inner.Precision;

    /// <inheritdoc/>
    public string DeviceName => inner.DeviceName;

    /// <inheritdoc/>
    public string DeviceType => inner.DeviceType;

    /// <inheritdoc/>
    public IReadOnlyList<ShardResult> Forward(AssignShards assignment, WeightLease weights)
    {
        ArgumentNullException.ThrowIfNull(assignment);
        metrics.Waited(worker, time.GetElapsedTime(_idleSince));
        var start = time.GetTimestamp();
        var results = inner.Forward(assignment, weights);
        metrics.Computed(worker, assignment.Round.Kind, results.Count, Since(start));
        return results;
    }

    /// <inheritdoc/>
    public void Backward(WeightLease weights, IReadOnlyList<ParameterRange> pieces, Action<GradientPiece> take)
    {
        var start = time.GetTimestamp();
        inner.Backward(weights, pieces, take);
        metrics.Computed(worker, WorkKind.Train, shards: 0, Since(start));
    }

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    TimeSpan Since(long start)
    {
        _idleSince = time.GetTimestamp();
        return time.GetElapsedTime(start, _idleSince);
    }
}
