using System.Diagnostics.Metrics;
using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Counts what actors refuse because it was said in another coordinator's reign, as a metric of the meter <c>LstmCluster.Cluster</c>.</summary>
/// <remarks>An actor has a use for every message of its own reign that can reach it, so whatever of a cluster it has none for is of another.</remarks>
public sealed class StaleMessages : IActorObserver, IDisposable
{
    /// <summary>Name of the meter (System.Diagnostics.Metrics).</summary>
    public const string MeterName = "LstmCluster.Cluster";

    readonly Meter _meter = new(MeterName);
    readonly Counter<long> _stale;

    /// <summary>A metric that is there from now on.</summary>
    public StaleMessages()
    {
        _stale = _meter.CreateCounter<long>("lstm_cluster.messages.stale", "{message}", "Messages of another coordinator's reign, which were refused.");

        // So that the first one is an increase and not a new series.
        _stale.Add(0);
    }

    /// <inheritdoc/>
    public void Unhandled(ActorRef actor, Message message)
    {
        if (message is ClusterMessage) _stale.Add(1);
    }

    /// <summary>Takes the metric away.</summary>
    public void Dispose() => _meter.Dispose();
}
