namespace LstmCluster.Actors;

/// <summary>One actor with its address, mailbox, children, timers and watches: the part that all runtimes share.</summary>
/// <remarks>
/// A runtime calls <c>HandleAsync</c> for one message after another, never two at once; that is a <i>turn</i>. All state except the
/// mailbox and the timers is touched in turns only. Every step of starting, restarting and stopping is a turn of its own, begun by a
/// <see cref="SystemMessage"/>, so that actor code always begins on the thread that the runtime chose for the actor.
/// </remarks>
sealed partial class ActorCell : RoutedRef
{
    readonly Func<IActor> _create;
    readonly Mailbox _mailbox;
    readonly ActorContext _context;
    readonly List<ActorCell> _children = [];
    readonly HashSet<ActorRef> _watched = [];
    readonly List<RoutedRef> _watchers = [];
    readonly HashSet<ScheduledMessage> _timers = [];
    readonly RestartLimit _restarts;
    readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile Life _life = Life.Starting;
    volatile Message? _current;
    IActor? _actor;
    SystemMessage.Stop _reason = SystemMessage.Stop.InOrder;

    public ActorCell(LocalRuntime runtime, ActorCell? parent, string path, ulong id, Func<IActor> create, ActorOptions options)
    {
        (Runtime, Parent, Path, Id, Options, _create) = (runtime, parent, path, id, options, create);
        PathHash = StableHash.Of(path);
        _restarts = new RestartLimit(options.Supervision);
        _context = new ActorContext(this);
        _mailbox = runtime.CreateMailbox(this);
    }

    enum Life
    {
        Starting,
        Running,
        Failed,
        Restarting,
        Stopping,
        Stopped,
    }

    public override string Path { get; }

    /// <summary>Number within the runtime, from 1: tells this actor from others that have lived under its path.</summary>
    public ulong Id { get; }

    /// <summary>Stable hash of <see cref="Path"/>.</summary>
    public ulong PathHash { get; }

    public LocalRuntime Runtime { get; }

    public ActorCell? Parent { get; }

    public ActorOptions Options { get; }

    public Mailbox Mailbox => _mailbox;

    /// <summary>Whether messages of actors may be handed to <see cref="HandleAsync(Envelope)"/> now.</summary>
    public bool TakesMessages => _life == Life.Running;

    public bool IsStopped => _life == Life.Stopped;

    /// <summary>Ends when the actor is gone.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>The moment this actor crashed, on the runtime's clock; null for all that did not.</summary>
    public TimeSpan? KilledAt { get; private set; }

    public bool IsKilled => KilledAt is not null;

    /// <summary>The message being handled, for reports; null between messages.</summary>
    public Message? Current => _current;

    internal override void Post(ActorRef? sender, Message message)
    {
        switch (_mailbox.Post(new Envelope(sender, message)))
        {
            case PostResult.Full:
                Runtime.Discard(message);
                throw new MailboxFullException(this, Options.MailboxCapacity);
            case PostResult.Closed:
                Runtime.DeadLetter(sender, this, message);
                break;
        }
    }

    internal override void Post(SystemMessage message) => _mailbox.Post(message);

    /// <summary>Posts the message of a timer. Nobody is there to catch a full mailbox, so it fails the actor that set the timer.</summary>
    public void Post(ScheduledMessage timer)
    {
        switch (_mailbox.Post(new Envelope(this, timer.Message, timer)))
        {
            case PostResult.Full:
                timer.Dispose();
                Post(new SystemMessage.Fail(new MailboxFullException(this, Options.MailboxCapacity)));
                break;
            case PostResult.Closed:
                timer.Dispose();
                break;
        }
    }

    /// <summary>One turn: a message of an actor.</summary>
    public ValueTask HandleAsync(Envelope envelope) =>
        envelope.Timer is { } timer && !timer.TryDeliver() ? ValueTask.CompletedTask : ReceiveAsync(envelope.Message);

    /// <summary>One turn: a message of the runtime.</summary>
    public ValueTask HandleAsync(SystemMessage message)
    {
        switch (message)
        {
            case SystemMessage.Start when _life == Life.Starting:
                return BeginAsync();
            case SystemMessage.Renew when _life == Life.Restarting:
                return RenewAsync();
            case SystemMessage.WatchedStopped m when _life == Life.Running && _watched.Remove(m.Notice.Actor):
                return ReceiveAsync(m.Notice);
            case SystemMessage.Watch m when _life == Life.Stopped:
                Notify(m.Watcher);
                break;
            case SystemMessage.Watch m:
                if (!_watchers.Contains(m.Watcher)) _watchers.Add(m.Watcher);
                break;
            case SystemMessage.Unwatch m:
                _watchers.Remove(m.Watcher);
                break;
            case SystemMessage.Fail m when _life == Life.Running:
                Fail(m.Failure);
                break;
            case SystemMessage.ChildStopped m:
                ChildStopped(m);
                break;
            case SystemMessage.Stop m when _life is not (Life.Stopping or Life.Stopped):
                Stop(m);
                break;
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Asks an actor to tell when it is gone. Called in a turn.</summary>
    public void Watch(RoutedRef actor)
    {
        if (_watched.Add(actor)) actor.Post(new SystemMessage.Watch(this));
    }

    /// <summary>Starts a child. Called in a turn.</summary>
    public ActorCell SpawnChild(string name, Func<IActor> create, ActorOptions? options)
    {
        if (_life is not (Life.Starting or Life.Running)) throw new InvalidOperationException($"{Path} is stopping and cannot start {name}");
        var child = Runtime.Spawn(this, name, create, options);
        _children.Add(child);
        child.Post(SystemMessage.Start.Instance);
        return child;
    }

    /// <summary>Has this actor get a message later.</summary>
    public ScheduledMessage Schedule(TimeSpan delay, Message message)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        if (_life is not (Life.Starting or Life.Running)) throw new InvalidOperationException($"{Path} is stopping and cannot set a timer");
        var timer = new ScheduledMessage(this, message);
        lock (_timers) _timers.Add(timer);
        try
        {
            Runtime.StartTimer(timer, delay);
        }
        catch
        {
            timer.Dispose();
            throw;
        }

        return timer;
    }

    /// <summary>Drops a timer that is settled.</summary>
    public void Forget(ScheduledMessage timer)
    {
        lock (_timers) _timers.Remove(timer);
    }

    async ValueTask ReceiveAsync(Message message)
    {
        _current = message;
        try
        {
            await _actor!.ReceiveAsync(message, _context).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            Fail(failure);
        }

        _current = null;
    }

    void CancelTimers()
    {
        ScheduledMessage[] pending;
        lock (_timers) pending = [.. _timers];
        foreach (var timer in pending) timer.Dispose();
    }

    void Notify(RoutedRef watcher) => watcher.Post(new SystemMessage.WatchedStopped(new Terminated(this, _reason.Failure)));
}
