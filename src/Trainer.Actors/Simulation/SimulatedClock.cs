namespace LstmCluster.Actors;

/// <summary>Virtual time, and what is due at later moments of it. Events of one moment keep the order in which they were added.</summary>
sealed class SimulatedClock
{
    readonly PriorityQueue<(Action Run, ScheduledMessage? Timer), (long Ticks, long Order)> _events = new();
    long _order;

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>Adds an event.</summary>
    /// <param name="due">Virtual time since the start; not before <see cref="Elapsed"/>.</param>
    /// <param name="run">What happens then.</param>
    /// <param name="timer">The timer it belongs to; once that is taken back, the event is as if it had never been.</param>
    public void Add(TimeSpan due, Action run, ScheduledMessage? timer = null) => _events.Enqueue((run, timer), (due.Ticks, _order++));

    /// <summary>The moment of the next event; false when there is none.</summary>
    public bool TryPeek(out TimeSpan due)
    {
        while (_events.TryPeek(out var next, out var key))
        {
            due = new TimeSpan(key.Ticks);
            if (next.Timer is not { IsPending: false }) return true;
            _events.Dequeue();
        }

        due = default;
        return false;
    }

    /// <summary>Goes to a moment and runs what is due by then.</summary>
    public void AdvanceTo(TimeSpan moment)
    {
        while (TryPeek(out var due) && due <= moment)
        {
            Elapsed = due > Elapsed ? due : Elapsed;
            _events.Dequeue().Run();
        }

        Elapsed = moment;
    }
}
