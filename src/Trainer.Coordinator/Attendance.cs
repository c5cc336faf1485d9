using LstmCluster.Actors;

namespace LstmCluster.Training;

/// <summary>Which other processes take part in a run, and so who has to hear how it ended. One for all generations of a process, which follow each other.</summary>
/// <remarks>
/// A process that hears of the end leaves, and that is how it is known that it has heard. One that was lost may be back in a moment: cut off, paused, or started again under another name; it
/// looks for the coordinator, for ever if need be, so it is given some time to find it.
/// </remarks>
public sealed class Attendance
{
    /// <summary>Time that a process has to come back from the moment at which it was lost, and everybody to leave when the run has ended.</summary>
    public static readonly TimeSpan ReturnLimit = TimeSpan.FromSeconds(10);

    readonly Dictionary<string, ActorRef> _present = [];
    readonly Dictionary<string, TimeSpan> _lost = [];

    /// <summary>The hosts of the processes that are there.</summary>
    public IReadOnlyCollection<ActorRef> Present => _present.Values;

    /// <summary>A process asks what there is to do.</summary>
    /// <param name="host">Its host, one for each of its connections.</param>
    public void Came(ActorRef host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var process = ProcessOf(host);
        _present[process] = host;
        _lost.Remove(process);
    }

    /// <summary>A host is gone.</summary>
    /// <param name="gone">Which, and whether it has left or was lost.</param>
    /// <param name="now">The runtime's clock.</param>
    public void Gone(Terminated gone, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(gone);
        var process = ProcessOf(gone.Actor);
        if (!_present.TryGetValue(process, out var host) || host != gone.Actor) return;
        _present.Remove(process);
        foreach (var (given, lost) in _lost)
            if (now - lost >= ReturnLimit)
                _lost.Remove(given);
        if (gone.Failure is not null) _lost[process] = now;
    }

    /// <summary>The coordinator that they were connected to is gone: they are looking for another one.</summary>
    /// <param name="now">The runtime's clock.</param>
    public void Scatter(TimeSpan now)
    {
        foreach (var process in _present.Keys) _lost[process] = now;
        _present.Clear();
    }

    /// <summary>How many are waited for when the run has ended.</summary>
    /// <param name="ended">When it has, on the runtime's clock.</param>
    /// <param name="now">The runtime's clock.</param>
    public int Awaited(TimeSpan ended, TimeSpan now) =>
        now - ended >= ReturnLimit ? 0 : _present.Count + _lost.Values.Count(lost => now - lost < ReturnLimit);

    /// <summary>The name of an actor's process, which its path begins with; where it is none of another process it stands for itself.</summary>
    static string ProcessOf(ActorRef host)
    {
        if (!host.Path.StartsWith("//", StringComparison.Ordinal)) return host.Path;
        var end = host.Path.IndexOf('/', 2);
        return end < 0 ? host.Path : host.Path[..end];
    }
}
