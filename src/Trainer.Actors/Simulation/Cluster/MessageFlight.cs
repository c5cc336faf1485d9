namespace LstmCluster.Actors;

/// <summary>A message of an actor on its way to another process: it leaves, passes both links, and arrives.</summary>
/// <param name="direction">The way.</param>
/// <param name="envelope">The message.</param>
/// <param name="target">Where it goes.</param>
/// <param name="bytes">Its size on the wire.</param>
/// <param name="latency">Time on the way, its bytes apart.</param>
sealed class MessageFlight(LinkDirection direction, Envelope envelope, SimulatedMailbox target, long bytes, TimeSpan latency) : Flight(direction)
{
    bool _enters;

    /// <summary>The connection was gone before it left.</summary>
    bool _refused;

    public long Bytes => bytes;

    /// <summary>Links pass bytes whether the processes behind them run or not.</summary>
    public override SimulatedProcess? Process => _enters ? null : base.Process;

    /// <summary>Its sender has computed it.</summary>
    public void Depart()
    {
        var from = Direction.From;
        var crashed = from.Process.Aborted <= Direction.Clock.Elapsed || ((ActorCell)envelope.Sender!).IsKilled;
        if (!crashed && from.IsOpen)
        {
            Leave();
            return;
        }

        // Those behind it must not wait for it.
        (_refused, IsLost) = (!crashed, true);
        Direction.Arrive(this);
    }

    /// <summary>Its first byte goes out as soon as the link is free.</summary>
    public void Leave()
    {
        var (clock, egress, ingress) = (Direction.Clock, Direction.From.Process.Egress, Direction.To.Process.Ingress);
        Direction.From.Process.Cluster.Statistics.Bytes += bytes;
        if (bytes <= Direction.UrgentBytes || !(egress.IsLimited || ingress.IsLimited))
        {
            LeftAt = clock.Elapsed + egress.TimeFor(bytes);
            clock.Add(LeftAt + latency, this);
            return;
        }

        var (first, last) = egress.Take(clock.Elapsed, bytes);
        LeftAt = last;
        _enters = true;
        clock.Add(first + latency, this);
    }

    public override void Run()
    {
        if (!_enters)
        {
            base.Run();
            return;
        }

        // Its first byte is at the other machine: the rest follows as fast as both links allow.
        _enters = false;
        if (!Direction.Takes(this))
        {
            base.Run();
            return;
        }

        var (_, last) = Direction.To.Process.Ingress.Take(Direction.Clock.Elapsed, bytes);
        var sent = LeftAt + latency;
        Direction.Clock.Add(last > sent ? last : sent, this);
    }

    public override void Deliver()
    {
        var (from, to) = (Direction.From, Direction.To);
        Direction.Settle(this);
        switch (target.Arrive(envelope))
        {
            case PostResult.Full:
                to.Process.Discard(envelope.Message);
                var full = new MailboxFullException(new MailboxFullException(target.Cell, target.Cell.Options.MailboxCapacity).Message, target.Cell);
                var sender = (ActorCell)envelope.Sender!;
                to.Outgoing.Tell(() => sender.Post(new SystemMessage.Fail(full)));
                break;
            case PostResult.Closed:
                from.Process.Cluster.DeadLetter(to.Process, envelope, target.Cell);
                break;
            default:
                from.Process.Cluster.Statistics.Delivered++;
                break;
        }
    }

    public override void Lose()
    {
        Direction.Settle(this);
        var from = Direction.From.Process;
        if (_refused) from.Cluster.DeadLetter(from, envelope, target.Cell);
        else from.Cluster.Lose(envelope, target.Cell);
    }
}

/// <summary>The end of the computation that a message is the result of.</summary>
sealed class Departure(MessageFlight flight, TimeSpan moment) : WorkEvent(flight.Direction.From.Process, moment)
{
    protected override void Finish() => flight.Depart();
}
