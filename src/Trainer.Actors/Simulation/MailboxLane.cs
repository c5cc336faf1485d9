namespace LstmCluster.Actors;

/// <summary>What one sender has sent to one mailbox.</summary>
sealed class MailboxLane
{
    public object Sender { get; set; } = null!;

    public Queue<Envelope> Waiting { get; } = new();

    public int OnTheWay { get; set; }

    public TimeSpan LastArrival { get; set; }
}

/// <summary>Lanes that are in no use: one is needed for nearly every message, and for a short time only.</summary>
sealed class MailboxLanePool
{
    const int Kept = 1 << 14;

    readonly Stack<MailboxLane> _idle = new();

    public MailboxLane Take(object sender)
    {
        var lane = _idle.TryPop(out var idle) ? idle : new MailboxLane();
        (lane.Sender, lane.LastArrival) = (sender, default);
        return lane;
    }

    public void Return(MailboxLane lane)
    {
        lane.Sender = null!;
        if (_idle.Count < Kept) _idle.Push(lane);
    }
}
