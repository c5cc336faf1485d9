namespace LstmCluster.Actors;

/// <summary>One direction of the connection between two processes.</summary>
sealed class LinkDirection(SessionEnd from, SessionEnd to)
{
    static readonly object Runtime = new();

    readonly SimulatedCluster _cluster = from.Process.Cluster;
    List<SimulatedPartition>? _blockedBy;
    Queue<Flight>? _parked;
    Dictionary<(object Sender, object Receiver), FlightLane>? _lanes;

    /// <summary>One of the lanes: mostly there is no other.</summary>
    FlightLane? _lane;
    int _messages;
    long _bytes;
    Action? _drained;

    public SessionEnd From => from;

    public SessionEnd To => to;

    public SimulatedClock Clock { get; } = from.Process.Engine.Clock;

    public long UrgentBytes { get; } = from.Process.Cluster.Options.UrgentBytes;

    /// <summary>Sends a message of an actor.</summary>
    /// <exception cref="MailboxFullException">Too much is on its way already; the message was released.</exception>
    public void Send(Envelope envelope, SimulatedMailbox target)
    {
        var bytes = _cluster.Options.BytesOf?.Invoke(envelope.Message) ?? 0;
        RequireRoom(envelope, target, bytes);
        var fate = _cluster.Decide(envelope, target);
        if (fate.IsLost) _cluster.Lose(envelope, target.Cell);
        else Launch(envelope, target, bytes, fate.Delay, fate.MayOvertake);
        if (fate.Copy is { } copy) Launch(envelope with { Message = copy }, target, bytes, fate.CopyDelay, mayOvertake: true);
    }

    /// <summary>Tells the other process something, in the order in which it is told.</summary>
    public void Tell(Action arrive, bool opens = false)
    {
        var flight = new ControlFlight(this, arrive, opens) { LeftAt = from.Process.Engine.Departure };
        LaneOf(Runtime, Runtime).Append(flight);
        Clock.Add(flight.LeftAt + _cluster.DrawLatency(), flight);
    }

    /// <summary>Whether something that is here still has somewhere to go.</summary>
    public bool Takes(Flight flight) => !flight.IsLost && !to.IsClosed && to.Process.IsAlive && flight.LeftAt <= from.Process.Aborted;

    /// <summary>Something is here: it goes where it shall, unless it has to wait for what was sent before.</summary>
    public void Arrive(Flight flight)
    {
        if (!Takes(flight))
        {
            flight.IsLost = true;
        }
        else if (IsBlocked || (!to.IsOpen && !flight.Opens))
        {
            (_parked ??= new Queue<Flight>()).Enqueue(flight);
            return;
        }

        if (flight.Lane is not { } lane)
        {
            Finish(flight);
            return;
        }

        flight.HasArrived = true;
        while (lane.First is { HasArrived: true }) Finish(lane.TakeFirst());
        if (lane.First is null) Drop(lane);
    }

    /// <summary>A message is no longer on its way.</summary>
    public void Settle(MessageFlight flight)
    {
        _messages--;
        _bytes -= flight.Bytes;
        if (_messages == 0) _drained?.Invoke();
    }

    /// <summary>Has something done as soon as no message is on its way any more.</summary>
    public void WhenDrained(Action action)
    {
        if (_messages == 0) action();
        else _drained = action;
    }

    /// <summary>Lets nothing pass; false when this cut does so already.</summary>
    public bool Block(SimulatedPartition partition)
    {
        if (_blockedBy?.Contains(partition) is true) return false;
        if (!IsBlocked) to.Silence.Begin();
        (_blockedBy ??= []).Add(partition);
        return true;
    }

    /// <summary>Drops the cuts that are healed.</summary>
    public void Unblock()
    {
        _blockedBy?.RemoveAll(partition => partition.IsHealed);
        if (IsBlocked) return;
        to.Silence.End();
        ReleaseParked();
    }

    /// <summary>What has waited is sent again.</summary>
    public void ReleaseParked()
    {
        if (IsBlocked || _parked is null) return;
        while (_parked.TryDequeue(out var flight)) Clock.Add(Clock.Elapsed + _cluster.DrawLatency(), flight);
    }

    /// <summary>The receiver has closed its end: what waits for something is lost, and the rest will be when it comes.</summary>
    public void Flush()
    {
        _drained = null;
        while (_parked?.TryDequeue(out var flight) is true) Arrive(flight!);
    }

    void Launch(Envelope envelope, SimulatedMailbox target, long bytes, TimeSpan latency, bool mayOvertake)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(latency, TimeSpan.Zero);
        var flight = new MessageFlight(this, envelope, target, bytes, latency);
        _messages++;
        _bytes += bytes;
        if (!mayOvertake) LaneOf(envelope.Sender!, target).Append(flight);
        var departure = from.Process.Engine.Departure;
        if (departure > Clock.Elapsed) Clock.Add(departure, new Departure(flight, departure));
        else flight.Leave();
    }

    void Finish(Flight flight)
    {
        // One before it may have been the end of the connection.
        if (flight.IsLost || to.IsClosed) flight.Lose();
        else flight.Deliver();
    }

    void RequireRoom(Envelope envelope, SimulatedMailbox target, long bytes)
    {
        var options = _cluster.Options;
        if (_messages < options.WindowMessages && (_bytes == 0 || _bytes + bytes <= options.QueueBytes)) return;
        var held = _messages >= options.WindowMessages ? $"{options.WindowMessages} messages" : $"{options.QueueBytes} bytes";
        from.Process.Discard(envelope.Message);
        throw new MailboxFullException($"the way to {target.Cell} is full ({held})");
    }

    bool IsBlocked => _blockedBy is { Count: > 0 };

    FlightLane LaneOf(object sender, object receiver)
    {
        if (_lane is { } one && one.Joins(sender, receiver)) return one;
        if (_lanes is not null && _lanes.TryGetValue((sender, receiver), out var lane)) return lane;
        lane = new FlightLane(sender, receiver);
        if (_lane is null) _lane = lane;
        else (_lanes ??= []).Add(lane.Key, lane);
        return lane;
    }

    void Drop(FlightLane lane)
    {
        if (_lane == lane) _lane = null;
        else _lanes?.Remove(lane.Key);
    }
}
