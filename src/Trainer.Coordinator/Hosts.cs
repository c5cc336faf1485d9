using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The coordinator's part that tells other processes what to compute, and when there is nothing left.</summary>
/// <param name="job">A <see cref="JobPackage"/> whose reference is handed over; null when no other process can ask.</param>
/// <param name="term">The coordinator's reign.</param>
sealed class Hosts(Func<Payload<byte>>? job, Term term)
{
    readonly HashSet<ActorRef> _hosts = [];
    RunEnded? _end;

    /// <summary>True when processes can no longer join, or never could.</summary>
    public bool AreRefused => _end is not null || job is null;

    /// <summary>A process asks what there is to do. It asks again until it is told.</summary>
    /// <param name="asked">The question.</param>
    /// <param name="servers">Who keeps the parameters; null as long as not all do.</param>
    /// <param name="context">The coordinator's.</param>
    /// <exception cref="MailboxFullException">It does not take the answer.</exception>
    public void Answer(AskForJob asked, IReadOnlyList<ParameterServerAddress>? servers, IActorContext context)
    {
        if (AreRefused)
        {
            context.Send(asked.Host, _end ?? new RunEnded("the run takes no workers of other processes") { Term = term });
            return;
        }

        if (_hosts.Add(asked.Host)) context.Watch(asked.Host);
        if (asked.Role == HostRole.Worker && servers is not null) context.Send(asked.Host, new JobOffered(servers, job!()) { Term = term });
    }

    /// <summary>A process is gone.</summary>
    public void Forget(ActorRef host) => _hosts.Remove(host);

    /// <summary>Nothing is left to compute.</summary>
    /// <param name="how">How the run ended, in words.</param>
    /// <param name="failed">True when it could not go on.</param>
    /// <param name="context">The coordinator's.</param>
    public void End(string how, bool failed, IActorContext context)
    {
        _end = new RunEnded(how, failed) { Term = term };
        foreach (var host in _hosts)
        {
            try
            {
                context.Send(host, _end);
            }
            catch (MailboxFullException)
            {
                // The run is over whether it hears of it or not; it will find nobody to connect to.
                context.Stop(host);
            }
        }
    }
}
