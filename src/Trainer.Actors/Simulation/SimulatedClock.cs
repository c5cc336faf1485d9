namespace LstmCluster.Actors;

/// <summary>Virtual time, and what is due at later moments of it. Events of one moment keep the order in which they were added.</summary>
sealed class SimulatedClock
{
    readonly EventQueue _events = new();

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>Adds an event.</summary>
    /// <param name="due">Virtual time since the start; not before <see cref="Elapsed"/>.</param>
    /// <param name="happening">What happens then.</param>
    public void Add(TimeSpan due, SimulatedEvent happening) => _events.Add(due, happening);

    /// <summary>The moment of the next event; false when there is none.</summary>
    public bool TryPeek(out TimeSpan due)
    {
        while (_events.TryPeek(out due, out var next))
        {
            if (!next.IsCancelled) return true;
            _events.Remove();
        }

        return false;
    }

    /// <summary>Goes to a moment and runs what is due by then.</summary>
    public void AdvanceTo(TimeSpan moment)
    {
        while (_events.TryPeek(out var due, out var next) && due <= moment)
        {
            _events.Remove();
            if (next.IsCancelled) continue;
            if (due > Elapsed) Elapsed = due;
            if (next.Process is { IsPaused: true } process) process.Defer(next);
            else next.Run();
        }

        Elapsed = moment;
    }
}
