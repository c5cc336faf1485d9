namespace LstmCluster.Actors;

/// <summary>What one of two connected processes has of their connection. Each of them notices its end by itself.</summary>
/// <param name="process">The process.</param>
/// <param name="peer">The other one.</param>
/// <param name="dialled">True at the side that dialled.</param>
sealed class SessionEnd(SimulatedProcess process, SimulatedProcess peer, bool dialled)
{
    Silence? _silence;
    EndWatches? _watches;
    EndLookups? _lookups;

    public SimulatedProcess Process => process;

    public SimulatedProcess Peer => peer;

    public bool Dialled => dialled;

    public LinkDirection Outgoing { get; private set; } = null!;

    public LinkDirection Incoming { get; private set; } = null!;

    public bool IsOpen { get; private set; }

    public bool IsClosed { get; private set; }

    public TimeSpan OpenedAt { get; private set; }

    public Silence Silence => _silence ??= new Silence(this);

    public EndWatches Watches => _watches ??= new EndWatches(this);

    public EndLookups Lookups => _lookups ??= new EndLookups(this);

    /// <summary>What keeps this process connected, if it does.</summary>
    public SimulatedConnection? Connection { get; set; }

    /// <summary>A connection of which neither end is open yet.</summary>
    public static SessionEnd Pair(SimulatedProcess dialler, SimulatedProcess acceptor)
    {
        var (near, far) = (new SessionEnd(dialler, acceptor, true), new SessionEnd(acceptor, dialler, false));
        near.Outgoing = far.Incoming = new LinkDirection(near, far);
        near.Incoming = far.Outgoing = new LinkDirection(far, near);

        // An end that is not open says nothing.
        near.Silence.Begin();
        far.Silence.Begin();
        return near;
    }

    /// <summary>Actors send over it from now on.</summary>
    public void Open()
    {
        IsOpen = true;
        OpenedAt = process.Engine.Elapsed;
        process.Attach(this);
        Outgoing.To.Silence.End();
        Silence.Listen();
        Incoming.ReleaseParked();
    }

    /// <summary>Closes this end and tells the other one, which may not hear of it.</summary>
    public void Close(string reason) => Close(reason, tell: true);

    /// <summary>Closes this end.</summary>
    /// <param name="reason">Why, for those who watch.</param>
    /// <param name="tell">False when nobody is left to tell the other side.</param>
    public void Close(string reason, bool tell)
    {
        if (IsClosed) return;
        if (tell) Outgoing.Tell(() => Outgoing.To.Close($"it has hung up: {reason}", tell: false));
        End(reason);
    }

    /// <summary>Closes this end; the other side still gets what was sent, and then hears why.</summary>
    public void Leave(string reason)
    {
        if (IsClosed) return;
        var outgoing = Outgoing;
        outgoing.Tell(() => outgoing.WhenDrained(() => outgoing.To.Close(reason, tell: false)));
        End(reason);
    }

    void End(string reason)
    {
        var opened = IsOpen;
        (IsOpen, IsClosed) = (false, true);
        Silence.Stop();
        Incoming.Flush();
        var lost = new NodeLostException(peer.Id, reason);
        if (!opened)
        {
            Connection?.OnLost(this, lost);
            return;
        }

        Outgoing.To.Silence.Begin();
        process.Detach(this);
        _watches?.Close(lost);
        _lookups?.Close();
        process.Cluster.ReportLost(this, lost);
        Connection?.OnLost(this, lost);
    }
}
