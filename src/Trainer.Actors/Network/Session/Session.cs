using System.Net.Sockets;

namespace LstmCluster.Actors;

/// <summary>One life of the connections to a node: it begins after a handshake, ends once, and what was under way then is lost.</summary>
sealed class Session
{
    readonly Link _link;
    readonly TaskCompletionSource<Exception> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Liveness _liveness;
    readonly Lock _reports = new();
    bool _opened;
    int _closed;
    volatile Exception? _goodbye;

    public Session(NetworkNode node, RemoteNode peer, Link link)
    {
        (Node, Peer, _link) = (node, peer, link);
        Outbox = new Outbox(this, link);
        Inbox = new Inbox(this);
        Watches = new WatchTable(this);
        Lookups = new LookupTable(this);
        Watched = new WatchedCells(this);
        _liveness = new Liveness(this);
    }

    public NetworkNode Node { get; }

    public RemoteNode Peer { get; }

    public Limits Limits => _link.Limits;

    /// <summary>True at the side that dialled.</summary>
    public bool Dialled => _link.Dialled;

    public Outbox Outbox { get; }

    public Inbox Inbox { get; }

    /// <summary>Actors there that are watched from here.</summary>
    public WatchTable Watches { get; }

    public LookupTable Lookups { get; }

    /// <summary>Actors here that are watched from there.</summary>
    public WatchedCells Watched { get; }

    /// <summary>Ends with the reason when the session is over.</summary>
    public Task<Exception> Ended => _end.Task;

    /// <summary>When the session began, on the clock of the runtime.</summary>
    public TimeSpan Age => _liveness.Age;

    /// <summary>Time there and back; null where the operating system does not tell.</summary>
    public TimeSpan? RoundTrip => TcpRoundTrip.Of(_link.Control);

    /// <summary>Begins, once the handshake has written its last byte: from now on actors send over it, and what comes is heard.</summary>
    public void Open()
    {
        _liveness.Start();
        lock (_reports)
        {
            if (!Node.Attach(this)) return;
            _opened = true;
            Node.ReportConnected(this);
        }

        RunOnThread("messages", () => new ControlReceiver(this, _link.Control).RunAsync().GetAwaiter().GetResult());
        RunOnThread("tensors in", new TensorReceiver(this, _link.Tensors).Run);
    }

    /// <summary>Bytes have come.</summary>
    public void Heard() => _liveness.Heard();

    /// <summary>The other side has said all; the session ends once the payloads of what it said are here.</summary>
    public void SayGoodbye(string reason)
    {
        _goodbye = new NodeLostException(Peer.Id, reason);
        CloseAfterGoodbye();
    }

    /// <summary>Ends the session if the other side has said goodbye and nothing of what it sent is still missing.</summary>
    public void CloseAfterGoodbye()
    {
        if (_goodbye is { } reason && !Inbox.IsMissingPayloads) Close(reason);
    }

    /// <summary>Sends what was accepted and a last word, then waits until the other side has taken it all and hangs up.</summary>
    public async Task LeaveAsync(string reason, TimeSpan limit)
    {
        try
        {
            await Outbox.FinishAsync(reason).WaitAsync(limit, Node.Clock).ConfigureAwait(false);
            await Ended.WaitAsync(limit, Node.Clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The other side does not listen; it will notice by itself.
        }

        Close(new NodeLostException(Peer.Id, reason));
    }

    /// <summary>Ends the session. Only the first reason counts.</summary>
    public void Close(Exception reason)
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;
        reason = reason as NodeLostException ?? new NodeLostException(Peer.Id, reason.Message, reason);
        _liveness.Stop();
        _link.Dispose();
        Outbox.Close();
        Inbox.Close();
        Watched.Close();
        Node.Detach(this);
        Watches.Close(reason);
        Lookups.Close(reason);
        lock (_reports)
        {
            if (_opened) Node.ReportLost(this, reason);
        }

        _end.SetResult(reason);
    }

    /// <summary>Ends the session for an exception of one of its connections.</summary>
    public void Fail(Exception failure)
    {
        // What goes wrong afterwards goes wrong because of the end.
        if (Volatile.Read(ref _closed) != 0) return;
        switch (failure)
        {
            case FrameException or MessageFormatException:
                Node.Statistics.CountMalformed();
                Outbox.SendGoodbye(failure.Message);
                break;

            // After a goodbye the other side hangs up as soon as it is done, and payloads may still be on their way here.
            case EndOfStreamException when _goodbye is not null:
                CloseAfterGoodbye();
                return;
            case IOException or ObjectDisposedException or SocketException or OutOfMemoryException:
                break;

            // Neither the network nor the other side can cause this: the runtime itself is broken.
            default:
                Node.Runtime.Fault(failure);
                break;
        }

        Close(failure);
    }

    /// <summary>Runs a loop of this session on a thread of its own; an exception of it ends the session.</summary>
    /// <param name="what">What it does, for the thread's name.</param>
    /// <param name="loop">The loop.</param>
    public void RunOnThread(string what, Action loop)
    {
        new Thread(Run) { IsBackground = true, Name = $"{what}: {Peer.Name}" }.Start();

        void Run()
        {
            try
            {
                loop();
            }
            catch (Exception failure)
            {
                Fail(failure);
            }
        }
    }
}
