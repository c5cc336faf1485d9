using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The coordinator's part that tells other processes what to compute, and when there is nothing left.</summary>
/// <param name="job">A <see cref="JobPackage"/> whose reference is handed over; null when no other process can ask.</param>
sealed class Hosts(Func<Payload<byte>>? job)
{
    readonly List<ActorRef> _hosts = [];
    RunEnded? _end;

    /// <summary>A process asks for the job.</summary>
    /// <exception cref="MailboxFullException">It does not take the answer.</exception>
    public void Answer(AskForJob asked, ParameterServerAddress parameterServer, IActorContext context)
    {
        if (_end is not null || job is null)
        {
            context.Send(asked.Host, _end ?? new RunEnded("the run takes no workers of other processes"));
            return;
        }

        if (!_hosts.Contains(asked.Host))
        {
            _hosts.Add(asked.Host);
            context.Watch(asked.Host);
        }

        context.Send(asked.Host, new JobOffered([parameterServer], job()));
    }

    /// <summary>A process is gone.</summary>
    public void Forget(ActorRef host) => _hosts.Remove(host);

    /// <summary>Nothing is left to compute.</summary>
    /// <param name="how">How the run ended, in words.</param>
    /// <param name="failed">True when it could not go on.</param>
    /// <param name="context">The coordinator's.</param>
    public void End(string how, bool failed, IActorContext context)
    {
        _end = new RunEnded(how, failed);
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
