namespace LstmCluster.Actors;

/// <summary>A process that stands still and goes on.</summary>
public sealed partial class SimulatedProcess
{
    readonly Queue<SimulatedEvent> _deferred = new();
    TimeSpan _pausedAt;
    TimeSpan _paused;

    /// <summary>True while it stands still.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>The virtual time that it has stood still so far.</summary>
    internal TimeSpan Paused => IsPaused ? _paused + (Engine.Clock.Elapsed - _pausedAt) : _paused;

    /// <summary>Stops it where it stands: no turns, no timers, nothing is heard. The others take it for lost after <see cref="ClusterOptions.PeerTimeout"/>.</summary>
    public void Pause()
    {
        if (IsPaused || !IsAlive) return;
        Engine.Trace("pause", Slot.Path, Slot.Path, "process");
        IsPaused = true;
        _pausedAt = Engine.Clock.Elapsed;
        foreach (var end in Ends) end.Outgoing.To.Silence.Begin();
        RefreshAll();
    }

    /// <summary>Lets it go on: timers that came due fire, what has come meanwhile is heard, and what it was computing takes as much longer.</summary>
    public void Resume()
    {
        if (!IsPaused) return;
        Engine.Trace("resume", Slot.Path, Slot.Path, "process");
        _paused = Paused;
        IsPaused = false;
        foreach (var end in Ends) end.Outgoing.To.Silence.End();
        while (_deferred.TryDequeue(out var happening)) Engine.Clock.Add(Engine.Clock.Elapsed, happening);
        RefreshAll();
    }

    /// <summary>Keeps what would happen now until it goes on.</summary>
    internal void Defer(SimulatedEvent happening) => _deferred.Enqueue(happening);

    void RefreshAll()
    {
        foreach (var cell in Living()) Engine.Refresh((SimulatedMailbox)cell.Mailbox);
    }
}
