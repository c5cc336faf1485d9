namespace LstmCluster.Actors;

/// <summary>Runs actors on the calling thread, in virtual time and in an order drawn from a seed: the same seed, the same run.</summary>
/// <remarks>
/// Of all orders that keep each sender's messages to one receiver in line, the seed picks one. Actors run unchanged, but
/// <see cref="IActor.ReceiveAsync"/> has to complete at once. Not for use by several threads.
/// </remarks>
public sealed class SimulatedRuntime : LocalRuntime
{
    readonly List<SimulatedMailbox> _runnable = [];
    readonly SimulationTrace _trace = new(tailLength: 64);
    readonly DateTimeOffset _start;
    SplitMix _choices;
    TimeSpan? _departure;
    TimeSpan _instant;
    long _stepsInInstant;
    bool _ending;

    /// <summary>A runtime with nothing in it.</summary>
    /// <param name="seed">Draws the order of delivery and seeds the actors' randomness.</param>
    /// <param name="policy">Faults, delays and costs; a perfect network between infinitely fast machines when null.</param>
    /// <param name="observer">Hears of failures and of messages that went nowhere; nobody does when null.</param>
    /// <param name="start">The date at which virtual time starts; 1 January 2000 UTC when null.</param>
    public SimulatedRuntime(ulong seed, IDeliveryPolicy? policy = null, IActorObserver? observer = null, DateTimeOffset? start = null)
        : base(seed, observer)
    {
        Policy = policy ?? new ImmediateDelivery();
        _choices = new SplitMix(StableHash.Mix(seed));
        _start = start ?? new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    }

    /// <inheritdoc/>
    public override DateTimeOffset Now => _start + Clock.Elapsed;

    /// <inheritdoc/>
    public override TimeSpan Elapsed => Clock.Elapsed;

    /// <summary>Steps allowed at one instant of virtual time; one more means that actors send in circles.</summary>
    public long MaxStepsPerInstant { get; init; } = 10_000_000;

    /// <summary>A rolling hash over (virtual time, event, sender, receiver, message type) of all that happened so far.</summary>
    public ulong TraceHash => _trace.Hash;

    /// <summary>The last events in words, oldest first.</summary>
    public IReadOnlyList<string> TraceTail => _trace.Tail();

    /// <summary>The processes that this runtime simulates; null when there are none.</summary>
    public SimulatedCluster? Cluster { get; private set; }

    internal SimulatedClock Clock { get; } = new();

    internal MailboxLanePool Lanes { get; } = new();

    /// <summary>True while messages between actors go where they shall without a word of a policy.</summary>
    internal bool IsPerfect => Policy is ImmediateDelivery;

    internal IDeliveryPolicy Policy { get; }

    /// <summary>When what is sent now leaves its sender: after the virtual duration of the message being handled.</summary>
    internal TimeSpan Departure => _departure ?? Clock.Elapsed;

    /// <summary>Delivers one message, or else goes to the next moment at which something is due.</summary>
    /// <returns>False when nothing is left to do.</returns>
    /// <exception cref="SimulationException">An actor did not complete at once, or actors send in circles.</exception>
    public bool Step() => Step(TimeSpan.MaxValue);

    /// <summary>Runs until neither messages nor timers are left.</summary>
    /// <param name="limit">Virtual time this may take; 24 hours when null. A timer beyond it is not idleness.</param>
    /// <exception cref="SimulationException">Something was left to do when the limit passed.</exception>
    public void RunUntilIdle(TimeSpan? limit = null)
    {
        var span = limit ?? TimeSpan.FromHours(24);
        var end = After(span);
        while (Step(end))
        {
        }

        if (Clock.TryPeek(out _)) throw Problem($"not idle within {span}");
    }

    /// <summary>Runs for a span of virtual time, all of which passes.</summary>
    public void RunFor(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        var end = Clock.Elapsed + span;
        while (Step(end))
        {
        }

        Clock.AdvanceTo(end);
    }

    /// <summary>Runs until a condition holds, which is asked after every step.</summary>
    /// <param name="condition">What to wait for.</param>
    /// <param name="limit">Virtual time it may take.</param>
    /// <exception cref="SimulationException">It did not come to hold within the limit, or nothing was left to do.</exception>
    public void RunUntil(Func<bool> condition, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var end = After(limit);
        while (!condition())
        {
            if (Step(end)) continue;
            throw Problem(Clock.TryPeek(out _) ? $"the condition did not hold within {limit}" : "nothing is left to do and the condition does not hold");
        }
    }

    /// <summary>Crashes an actor and its children: they handle and send nothing more, and watchers hear <see cref="Terminated"/> with a failure.</summary>
    /// <remarks>The actors are still disposed, so that the simulating process keeps none of their resources; what they send then is lost.</remarks>
    public void Kill(ActorRef actor)
    {
        if (Route(actor) is not ActorCell { Mailbox: SimulatedMailbox } cell || (cell.Runtime != this && Cluster?.Owns(cell.Runtime) is not true)) throw new ArgumentException($"{actor} is not simulated here", nameof(actor));
        Trace("kill", null, cell, typeof(KilledException));
        cell.Kill(new KilledException(cell), Clock.Elapsed);
    }

    /// <summary>Runs code at a later moment, between the turns of actors. Disposing the result takes it back.</summary>
    /// <param name="delay">Virtual time until then; zero or more.</param>
    /// <param name="action">The code. Its exceptions reach whoever runs the simulation.</param>
    public IDisposable After(TimeSpan delay, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return After(delay, action, null);
    }

    /// <summary>The same for code of a process: not while it is paused, and not after its end.</summary>
    internal ActionEvent After(TimeSpan delay, Action action, SimulatedProcess? process)
    {
        var later = new ActionEvent(() => { if (!_ending || process is not null) action(); }, process);
        Clock.Add(Clock.Elapsed + delay, later);
        return later;
    }

    /// <summary>Makes this the runtime of a cluster.</summary>
    /// <exception cref="InvalidOperationException">It is one of another already.</exception>
    internal void Join(SimulatedCluster cluster)
    {
        if (Cluster is not null) throw new InvalidOperationException("a runtime simulates one cluster");
        Cluster = cluster;
    }

    /// <summary>Stops all actors, children first, in as much virtual time as their present work takes.</summary>
    /// <exception cref="SimulationException">An actor did not stop; the message names it.</exception>
    public override ValueTask DisposeAsync()
    {
        _ending = true;
        StopRoots();
        Cluster?.StopAll();
        while (HasLiving || Cluster?.HasLiving is true)
        {
            if (!Step()) throw Problem($"not stopped: {string.Join(", ", [DescribeLiving(), .. Cluster?.DescribeLiving() ?? []])}");
        }

        // What is still on its way is released as it arrives at actors that are gone.
        while (Step())
        {
        }

        return ValueTask.CompletedTask;
    }

    internal override Mailbox CreateMailbox(ActorCell cell) => new SimulatedMailbox(this, cell);

    internal override void StartTimer(ScheduledMessage timer, TimeSpan delay) => Clock.Add(Departure + delay, new TimerEvent(timer, null));

    internal void Trace(string what, ActorRef? sender, ActorRef receiver, Type message) =>
        _trace.Add(Elapsed, what, sender, receiver, message);

    /// <summary>Notes what happens to a process or between two of them.</summary>
    /// <param name="what">The kind of event: one of a few constant words.</param>
    /// <param name="from">The process.</param>
    /// <param name="to">The other one.</param>
    /// <param name="detail">One of a few constant words.</param>
    internal void Trace(string what, string from, string to, string detail) => _trace.Add(Elapsed, what, from, to, detail);

    /// <summary>Enters a mailbox into the runnable ones, or takes it out, after something about it changed.</summary>
    internal void Refresh(SimulatedMailbox mailbox)
    {
        var listed = mailbox.RunnableIndex >= 0;
        if (mailbox.IsRunnable == listed) return;
        if (!listed)
        {
            mailbox.RunnableIndex = _runnable.Count;
            _runnable.Add(mailbox);
            return;
        }

        var last = _runnable[^1];
        _runnable[mailbox.RunnableIndex] = last;
        last.RunnableIndex = mailbox.RunnableIndex;
        _runnable.RemoveAt(_runnable.Count - 1);
        mailbox.RunnableIndex = -1;
    }

    TimeSpan After(TimeSpan span) => span > TimeSpan.MaxValue - Clock.Elapsed ? TimeSpan.MaxValue : Clock.Elapsed + span;

    bool Step(TimeSpan end)
    {
        if (_runnable.Count == 0)
        {
            if (!Clock.TryPeek(out var due) || due > end) return false;
            Clock.AdvanceTo(due);
            return true;
        }

        CountStep();
        var mailbox = _runnable[_choices.Choose(_runnable.Count)];
        var (message, envelope) = mailbox.Next(ref _choices);
        if (message is not null) HandleSystem(mailbox.Cell, message);
        else Deliver(mailbox, envelope);
        Refresh(mailbox);
        return true;
    }

    void Deliver(SimulatedMailbox mailbox, Envelope envelope)
    {
        if (envelope.Timer is { IsPending: false }) return;
        var cost = Policy.CostOf(mailbox.Cell, envelope.Message);
        if (cost > TimeSpan.Zero)
        {
            if (mailbox.Process is { CostFactor: not 1 and var factor }) cost *= factor;
            _departure = Clock.Elapsed + cost;
            mailbox.BeBusyUntil(_departure.Value);
        }

        var message = envelope.Message.GetType();
        Trace(envelope.Timer is null ? "message" : "timer", envelope.Sender, mailbox.Cell, message);
        try
        {
            Complete(mailbox.Cell, message, mailbox.Cell.HandleAsync(envelope));
        }
        finally
        {
            _departure = null;
        }
    }

    void HandleSystem(ActorCell cell, SystemMessage message)
    {
        Trace("system", null, cell, message.GetType());
        Complete(cell, message.GetType(), cell.HandleAsync(message));
    }

    void Complete(ActorCell cell, Type message, ValueTask turn)
    {
        if (!turn.IsCompleted)
        {
            throw Problem($"{cell.Path} did not complete {message.Name} at once: in the simulator an actor must not wait for I/O or threads");
        }

        turn.GetAwaiter().GetResult();
    }

    void CountStep()
    {
        if (_instant != Clock.Elapsed) (_instant, _stepsInInstant) = (Clock.Elapsed, 0);
        if (++_stepsInInstant > MaxStepsPerInstant) throw Problem($"{MaxStepsPerInstant} steps without time passing: actors send in circles");
    }

    SimulationException Problem(string problem) => new(problem, Seed, Elapsed, TraceTail);
}
