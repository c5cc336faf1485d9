using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The part of a host that takes weights for the workers of its process: puts them together, passes them on, and asks for those that do not come.</summary>
/// <param name="assembly">Puts weights together.</param>
/// <param name="run">Who publishes weights.</param>
sealed class HostWeights(WeightAssembly assembly, RunContact run) : IDisposable
{
    /// <summary>Workers that wait for the same weights ask one by one; the servers need to hear it once.</summary>
    static readonly TimeSpan LeastAskInterval = TimeSpan.FromMilliseconds(250);

    WeightsPublished? _weights, _average;
    (WeightVersion Version, TimeSpan At)? _asked;

    /// <summary>Weights, or a part of them, have come.</summary>
    /// <param name="part">The part; its reference is taken over.</param>
    /// <param name="workers">The workers of the process.</param>
    /// <param name="context">The host.</param>
    public void Take(WeightsPublished part, IEnumerable<ActorRef> workers, IActorContext context)
    {
        if (assembly.Take(part) is not { } whole) return;
        ref var newest = ref whole.Version.Averaged ? ref _average : ref _weights;
        if (newest?.Version.Value > whole.Version.Value)
        {
            whole.Release();
            return;
        }

        // The same version again is meant for a worker that has come since.
        newest?.Release();
        newest = whole;
        foreach (var worker in workers.ToList())
        {
            try
            {
                Send(whole, worker, context);
            }
            catch (MailboxFullException)
            {
                // One slot that does not keep up must not hold up the others: it begins anew.
                context.Stop(worker);
            }
        }
    }

    /// <summary>A worker waits for weights.</summary>
    public void Answer(AskForWeights asked, IActorContext context)
    {
        var newest = asked.Version.Averaged ? _average : _weights;
        if (newest?.Version.Value >= asked.Version.Value)
        {
            Send(newest, asked.Receiver, context);
            return;
        }

        if (_asked is { } last && last.Version == asked.Version && context.Elapsed - last.At < LeastAskInterval) return;
        _asked = (asked.Version, context.Elapsed);
        foreach (var (server, slice, _) in run.ParameterServers)
            if (assembly.IsMissing(asked.Version, slice))
                context.SendOrLose(server, new AskForWeights(context.Self, asked.Version) { Term = run.Term });
    }

    /// <summary>Gives weights back.</summary>
    public void Dispose()
    {
        _weights?.Release();
        _average?.Release();
    }

    void Send(WeightsPublished whole, ActorRef worker, IActorContext context) =>
        context.Send(worker, whole with { Weights = whole.Weights.Retain(), Term = run.Term });
}
