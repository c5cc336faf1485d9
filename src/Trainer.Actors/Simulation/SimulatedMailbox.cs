namespace LstmCluster.Actors;

/// <summary>The mailbox of a simulated cell: one lane for each sender, so that any order that keeps each sender's own can be chosen.</summary>
/// <remarks>Room is taken when a message is sent, so one that is still on its way never finds the mailbox full.</remarks>
sealed class SimulatedMailbox(SimulatedRuntime runtime, ActorCell cell) : Mailbox
{
    static readonly object Outside = new();

    readonly SimulatedRuntime _runtime = runtime;
    readonly SimulatedProcess? _process = cell.Runtime as SimulatedProcess;
    readonly Queue<SystemMessage> _system = new();
    readonly Dictionary<object, MailboxLane> _lanes = [];
    readonly List<MailboxLane> _ready = [];
    int _held;
    bool _closed;
    bool _busy;

    public ActorCell Cell => cell;

    /// <summary>The process that the actor lives in; null for one that was started on the runtime itself.</summary>
    public SimulatedProcess? Process => _process;

    /// <summary>Place in the runtime's list of runnable mailboxes; -1 when not in it.</summary>
    public int RunnableIndex { get; set; } = -1;

    public bool IsRunnable => !_busy && _process is not { IsPaused: true } && (_system.Count > 0 || (cell.TakesMessages && _ready.Count > 0));

    public override PostResult Post(Envelope envelope)
    {
        if (_process is not null && envelope.Sender is ActorCell { Runtime: SimulatedProcess from } && from != _process)
        {
            from.Send(envelope, this);
            return PostResult.Accepted;
        }

        if (_closed) return PostResult.Closed;
        if (_held >= cell.Options.MailboxCapacity) return PostResult.Full;
        if (envelope.Timer is null)
        {
            Route(envelope);
        }
        else
        {
            _held++;
            Arrive(LaneOf(envelope.Sender), envelope);
        }

        return PostResult.Accepted;
    }

    public override void Post(SystemMessage message)
    {
        if (_process is not null && message is SystemMessage.Watch { Watcher: ActorCell { Runtime: SimulatedProcess from } watcher } && from != _process)
            from.Watch(watcher, cell);
        else
            Enqueue(message);
    }

    /// <summary>Takes a message of the runtime that has arrived.</summary>
    public void Enqueue(SystemMessage message)
    {
        _system.Enqueue(message);

        // A crash does not wait for the message being worked on.
        if (cell.IsKilled) _busy = false;
        _runtime.Refresh(this);
    }

    /// <summary>Takes a message that has come over a network.</summary>
    public PostResult Arrive(Envelope envelope)
    {
        if (_closed) return PostResult.Closed;
        if (_held >= cell.Options.MailboxCapacity) return PostResult.Full;
        _held++;
        Arrive(LaneOf(envelope.Sender), envelope);
        return PostResult.Accepted;
    }

    public override void Close() => _closed = true;

    public override bool TryTake(out Envelope envelope)
    {
        if (_ready.Count == 0)
        {
            envelope = default;
            return false;
        }

        envelope = Take(_ready.Count - 1);
        return true;
    }

    /// <summary>Takes the next thing to do: a message of the runtime, or the oldest one of a sender chosen by <paramref name="choices"/>.</summary>
    public (SystemMessage? System, Envelope Envelope) Next(ref SplitMix choices) =>
        _system.TryDequeue(out var message) ? (message, default) : (null, Take(choices.Choose(_ready.Count)));

    /// <summary>Serves nothing until a moment of the runtime's clock.</summary>
    public void BeBusyUntil(TimeSpan moment)
    {
        _busy = true;
        _runtime.Clock.Add(moment, new WorkDone(this, moment));
    }

    void Route(Envelope envelope)
    {
        var departure = _runtime.Departure;
        var delivery = _runtime.Policy.Route(envelope.Sender, cell, envelope.Message, departure);
        if (delivery.IsLost) Lose(envelope);
        else Send(envelope, departure, delivery.Delay, delivery.MayOvertake);
        if (delivery.Copy is not { } copy) return;
        var second = envelope with { Message = copy };
        if (_held >= cell.Options.MailboxCapacity) Lose(second);
        else Send(second, departure, delivery.CopyDelay, delivery.MayOvertake);
    }

    void Send(Envelope envelope, TimeSpan departure, TimeSpan delay, bool mayOvertake)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        var lane = LaneOf(envelope.Sender);
        var arrival = departure + delay;
        if (!mayOvertake)
        {
            if (lane.OnTheWay > 0 && arrival < lane.LastArrival) arrival = lane.LastArrival;
            lane.LastArrival = arrival;
        }

        _held++;
        if (arrival == _runtime.Clock.Elapsed && (mayOvertake || lane.OnTheWay == 0))
        {
            Arrive(lane, envelope);
            return;
        }

        lane.OnTheWay++;
        _runtime.Clock.Add(arrival, new Arrival(this, lane, envelope, departure, arrival));
    }

    void Arrive(MailboxLane lane, Envelope envelope)
    {
        if (_closed)
        {
            _held--;
            cell.Runtime.DeadLetter(envelope.Sender, cell, envelope.Message);
            return;
        }

        if (lane.Waiting.Count == 0) _ready.Add(lane);
        lane.Waiting.Enqueue(envelope);
        _runtime.Refresh(this);
    }

    /// <summary>Its sender crashed before the message left.</summary>
    void Drop(MailboxLane lane, Envelope envelope)
    {
        _held--;
        Retire(lane);
        Lose(envelope);
    }

    void Lose(Envelope envelope)
    {
        _runtime.Trace("lost", envelope.Sender, cell, envelope.Message.GetType());
        cell.Runtime.Discard(envelope.Message);
    }

    Envelope Take(int index)
    {
        var lane = _ready[index];
        var envelope = lane.Waiting.Dequeue();
        _held--;
        if (lane.Waiting.Count > 0) return envelope;
        _ready[index] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        Retire(lane);
        return envelope;
    }

    MailboxLane LaneOf(ActorRef? sender)
    {
        var key = (object?)sender ?? Outside;
        if (!_lanes.TryGetValue(key, out var lane)) _lanes.Add(key, lane = _runtime.Lanes.Take(key));
        return lane;
    }

    /// <summary>Forgets a lane with nothing in it, or the lanes of all senders that ever were would pile up.</summary>
    void Retire(MailboxLane lane)
    {
        if (lane.Waiting.Count > 0 || lane.OnTheWay > 0) return;
        _lanes.Remove(lane.Sender);
        _runtime.Lanes.Return(lane);
    }

    /// <summary>A message from within the process is here.</summary>
    sealed class Arrival(SimulatedMailbox mailbox, MailboxLane lane, Envelope envelope, TimeSpan departure, TimeSpan arrival) : WorkEvent(mailbox._process, arrival)
    {
        protected override void Finish()
        {
            lane.OnTheWay--;
            if ((envelope.Sender as ActorCell)?.KilledAt < departure) mailbox.Drop(lane, envelope);
            else mailbox.Arrive(lane, envelope);
        }
    }

    /// <summary>The actor has done what it was busy with.</summary>
    sealed class WorkDone(SimulatedMailbox mailbox, TimeSpan end) : WorkEvent(mailbox._process, end)
    {
        protected override void Finish()
        {
            mailbox._busy = false;
            mailbox._runtime.Refresh(mailbox);
        }
    }
}
