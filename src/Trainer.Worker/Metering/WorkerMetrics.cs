using System.Diagnostics.Metrics;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>What the workers of a process compute, as metrics of the meter <c>LstmCluster.Worker</c>; docs/operations.md lists them. They cost nothing where nobody collects them.</summary>
/// <remarks>The coordinator counts the same from its own side, the way to the worker and back included. May be called by several threads at once.</remarks>
public sealed class WorkerMetrics : IDisposable
{
    /// <summary>Name of the meter (System.Diagnostics.Metrics).</summary>
    public const string MeterName = "LstmCluster.Worker";

    readonly TimeProvider _time;
    readonly Meter _meter = new(MeterName);
    readonly Counter<long> _shards;
    readonly Counter<double> _computed, _waited;

    /// <summary>Metrics that are there from now on.</summary>
    /// <param name="time">Where time comes from.</param>
    public WorkerMetrics(TimeProvider time)
    {
        _time = time;
        _shards = _meter.CreateCounter<long>("lstm_cluster.compute.shards", "{shard}", "Shards that a worker of this process computed.");
        _computed = _meter.CreateCounter<double>("lstm_cluster.compute.time", "s", "Time that a worker of this process computed.");
        _waited = _meter.CreateCounter<double>("lstm_cluster.compute.wait.time", "s", "Time that a worker of this process waited for something to compute, or for weights.");
    }

    /// <summary>Has what a worker computes counted. The first wait begins now.</summary>
    /// <param name="worker">Name of the worker.</param>
    /// <param name="compute">What it computes with; disposed with the result.</param>
    public IShardCompute Count(string worker, IShardCompute compute) => new MeteredCompute(compute, worker, this, _time);

    /// <summary>Takes the metrics away.</summary>
    public void Dispose() => _meter.Dispose();

    /// <summary>A worker has begun to compute.</summary>
    /// <param name="worker">Its name.</param>
    /// <param name="time">Since when it had nothing to compute.</param>
    internal void Waited(string worker, TimeSpan time) => _waited.Add(time.TotalSeconds, Name(worker));

    /// <summary>A worker has computed.</summary>
    /// <param name="worker">Its name.</param>
    /// <param name="kind">What for.</param>
    /// <param name="shards">Shards that are done with it; none for a part of the work on them.</param>
    /// <param name="time">For how long.</param>
    internal void Computed(string worker, WorkKind kind, int shards, TimeSpan time)
    {
        var work = new KeyValuePair<string, object?>("work", kind == WorkKind.Train ? "train" : "evaluate");
        if (shards > 0) _shards.Add(shards, Name(worker), work);
        _computed.Add(time.TotalSeconds, Name(worker), work);
    }

    static KeyValuePair<string, object?> Name(string worker) => new("worker", worker);
}
