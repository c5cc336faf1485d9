using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The coordinator's part that tells other processes what to compute, and when there is nothing left.</summary>
/// <param name="job">A <see cref="JobPackage"/> whose reference is handed over; null when no other process can ask.</param>
sealed class Hosts(Func<Payload<byte>>? job)
{
    readonly List<ActorRef> _hosts = [];
    string? _end;

    /// <summary>A process asks for the job.</summary>
    /// <exception cref="MailboxFullException">It does not take the answer.</exception>
    public void Answer(AskForJob asked, ParameterServerAddress parameterServer, IActorContext context)
    {
        if (_end is not null || job is null)
        {
            context.Send(asked.Host, new RunEnded(_end ?? "the run takes no workers of other processes"));
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
    public void End(string how, IActorContext context)
    {
        _end = how;
        foreach (var host in _hosts)
        {
            try
            {
                context.Send(host, new RunEnded(how));
            }
            catch (MailboxFullException)
            {
                // The run is over whether it hears of it or not; it will find nobody to connect to.
                context.Stop(host);
            }
        }
    }
}
