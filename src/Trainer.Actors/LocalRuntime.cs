using System.Collections.Concurrent;

namespace LstmCluster.Actors;

/// <summary>What all runtimes of actors in this process share; they differ in mailboxes, clock and threads.</summary>
public abstract class LocalRuntime : IActorRuntime
{
    readonly ConcurrentDictionary<string, ActorCell> _living = new();
    readonly TaskCompletionSource<Exception> _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    IActorObserver _observer;
    readonly Lock _gate = new();
    bool _closing;
    ulong _lastId;

    private protected LocalRuntime(ulong seed, IActorObserver? observer)
    {
        Seed = seed;
        _observer = observer ?? new SilentObserver();
    }

    /// <inheritdoc/>
    public Task<Exception> Failure => _failure.Task;

    /// <summary>Seeds the randomness of every actor, together with its path.</summary>
    public ulong Seed { get; }

    /// <summary>The present moment on the runtime's clock.</summary>
    public abstract DateTimeOffset Now { get; }

    /// <summary>Time since the runtime started; never goes back.</summary>
    public abstract TimeSpan Elapsed { get; }

    private protected bool HasLiving => !_living.IsEmpty;

    /// <summary>What the paths of actors at the root begin with.</summary>
    private protected virtual string PathPrefix => "";

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The name is empty or contains a slash.</exception>
    /// <exception cref="InvalidOperationException">A living actor at the root has this name.</exception>
    /// <exception cref="ObjectDisposedException">The runtime was disposed.</exception>
    public ActorRef Spawn(string name, Func<IActor> create, ActorOptions? options = null)
    {
        var cell = Spawn(null, name, create, options);
        cell.Post(SystemMessage.Start.Instance);
        return cell;
    }

    /// <inheritdoc/>
    /// <exception cref="MailboxFullException">The mailbox of <paramref name="target"/> is full; the message was released.</exception>
    /// <exception cref="ArgumentException">The address does not belong to a runtime of this assembly.</exception>
    public void Send(ActorRef target, Message message) => Send(null, target, message);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    internal static RoutedRef Route(ActorRef target) =>
        target as RoutedRef ?? throw new ArgumentException($"{target} is not an address that this runtime can reach", nameof(target));

    internal static void Send(ActorRef? sender, ActorRef target, Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        Route(target).Post(sender, message);
    }

    /// <summary>Makes a cell that is not yet started.</summary>
    internal ActorCell Spawn(ActorCell? parent, string name, Func<IActor> create, ActorOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(create);
        if (name.Contains('/', StringComparison.Ordinal)) throw new ArgumentException($"an actor's name has no slash: {name}", nameof(name));
        options ??= new ActorOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MailboxCapacity, 1, nameof(options));
        var cell = new ActorCell(this, parent, $"{parent?.Path ?? PathPrefix}/{name}", Interlocked.Increment(ref _lastId), create, options);
        lock (_gate)
        {
            // A child of an actor that is about to stop is stopped by it; nobody would stop one more at the root.
            ObjectDisposedException.ThrowIf(_closing && parent is null, this);
            if (!_living.TryAdd(cell.Path, cell)) throw new InvalidOperationException($"a living actor is called {cell.Path} already");
        }

        return cell;
    }

    /// <summary>Who lives under a path now.</summary>
    internal ActorCell? Find(string path) => _living.GetValueOrDefault(path);

    /// <summary>An actor is gone.</summary>
    internal virtual void Forget(ActorCell cell) => _living.TryRemove(new KeyValuePair<string, ActorCell>(cell.Path, cell));

    internal void DeadLetter(ActorRef? sender, ActorRef target, Message message)
    {
        Guard(() => _observer.DeadLetter(sender, target, message));
        Discard(message);
    }

    internal void Discard(Message message) => Guard(message.Release);

    internal void ReportUnhandled(ActorRef actor, Message message) => Guard(() => _observer.Unhandled(actor, message));

    internal void ReportFailed(ActorRef actor, Exception failure, Directive directive) =>
        Guard(() => _observer.Failed(actor, failure, directive));

    internal void ReportRestarted(ActorRef actor, int restarts) => Guard(() => _observer.Restarted(actor, restarts));

    /// <summary>Ends <see cref="Failure"/>; the first exception wins.</summary>
    internal virtual void Fault(Exception exception) => _failure.TrySetResult(exception);

    internal abstract Mailbox CreateMailbox(ActorCell cell);

    /// <summary>Stops an actor, of this runtime or of another one, on behalf of one of this runtime.</summary>
    internal virtual void Stop(RoutedRef actor) => actor.Post(SystemMessage.Stop.InOrder);

    internal abstract void StartTimer(ScheduledMessage timer, TimeSpan delay);

    /// <summary>Tells the actors at the root to stop, in the order of their names, and lets no others start.</summary>
    /// <returns>Those that were told; empty when it was done before.</returns>
    private protected IReadOnlyList<ActorCell> StopRoots()
    {
        if (!TryClose()) return [];
        var roots = Roots();
        foreach (var root in roots) root.Post(SystemMessage.Stop.InOrder);
        return roots;
    }

    /// <summary>Lets no more actors start at the root; false when that was so already.</summary>
    private protected bool TryClose()
    {
        lock (_gate) return !_closing && (_closing = true);
    }

    /// <summary>The actors at the root, in the order of their names.</summary>
    private protected ActorCell[] Roots() =>
        [.. _living.Values.Where(cell => cell.Parent is null).OrderBy(cell => cell.Path, StringComparer.Ordinal)];

    /// <summary>All actors, in the order in which they were started.</summary>
    private protected ActorCell[] Living() => [.. _living.Values.OrderBy(cell => cell.Id)];

    /// <summary>From now on nobody hears what happens here.</summary>
    private protected void Silence() => _observer = new SilentObserver();

    /// <summary>Names the actors that keep others from stopping, and what each is doing.</summary>
    private protected string DescribeLiving()
    {
        var living = _living.Values.ToArray();
        var parents = living.Select(cell => cell.Parent).ToHashSet();
        return string.Join(", ", living
            .Where(cell => !parents.Contains(cell))
            .OrderBy(cell => cell.Path, StringComparer.Ordinal)
            .Select(cell => cell.Current is { } message ? $"{cell.Path} (handling {message.GetType().Name})" : cell.Path));
    }

    /// <summary>Runs code that no actor answers for: what it throws fails the runtime instead of a thread of it.</summary>
    internal void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception)
        {
            Fault(exception);
        }
    }
}
