using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The part of a coordinator, or of who stands in its place, that tells other processes what to compute, and when there is nothing left.</summary>
/// <param name="job">A <see cref="JobPackage"/> whose reference is handed over; null when no other process can ask.</param>
/// <param name="term">The coordinator's reign.</param>
/// <param name="attendance">Who takes part.</param>
sealed class Hosts(Func<Payload<byte>>? job, Term term, Attendance attendance)
{
    readonly HashSet<ActorRef> _watched = [];
    RunEnded? _end;
    TimeSpan _ended;

    /// <summary>True when processes can no longer join, or never could.</summary>
    public bool AreRefused => _end is not null || job is null;

    /// <summary>The reign begins: whoever took part in the one before looks for this one.</summary>
    public void Begin(IActorContext context) => attendance.Scatter(context.Elapsed);

    /// <summary>A process asks what there is to do. It asks again until it is told.</summary>
    /// <param name="asked">The question.</param>
    /// <param name="servers">Who keeps the parameters; null as long as not all do.</param>
    /// <param name="context">The coordinator's.</param>
    /// <exception cref="MailboxFullException">It does not take the answer.</exception>
    public void Answer(AskForJob asked, IReadOnlyList<ParameterServerAddress>? servers, IActorContext context)
    {
        if (job is null && _end is null)
        {
            context.Send(asked.Host, new RunEnded("the run takes no workers of other processes") { Term = term });
            return;
        }

        if (_watched.Add(asked.Host)) context.Watch(asked.Host);
        attendance.Came(asked.Host);
        if (_end is not null) context.Send(asked.Host, _end);
        else if (asked.Role == HostRole.Worker && servers is not null) context.Send(asked.Host, new JobOffered(servers, job!()) { Term = term });
    }

    /// <summary>An actor is gone, which may be a host.</summary>
    public void Forget(Terminated gone, IActorContext context)
    {
        if (_watched.Remove(gone.Actor)) attendance.Gone(gone, context.Elapsed);
    }

    /// <summary>Nothing is left to compute.</summary>
    /// <param name="how">How the run ended, in words.</param>
    /// <param name="failed">True when it could not go on.</param>
    /// <param name="context">The coordinator's.</param>
    public void End(string how, bool failed, IActorContext context)
    {
        _end = new RunEnded(how, failed) { Term = term };
        _ended = context.Elapsed;
        Tell(context);
    }

    /// <summary>Tells those who are there, perhaps not for the first time: what they were told may have been lost.</summary>
    public void Tell(IActorContext context)
    {
        foreach (var host in attendance.Present)
        {
            try
            {
                context.Send(host, _end!);
            }
            catch (MailboxFullException)
            {
                // The run is over whether it hears of it or not; it will find nobody to connect to.
                context.Stop(host);
            }
        }
    }

    /// <summary>How many have not heard of the end yet and are waited for.</summary>
    public int Awaited(IActorContext context) => attendance.Awaited(_ended, context.Elapsed);
}
