namespace LstmCluster.Actors;

/// <summary>Something on its way from one process to another.</summary>
abstract class Flight(LinkDirection direction) : SimulatedEvent
{
    public LinkDirection Direction => direction;

    public override SimulatedProcess? Process => direction.To.Process;

    /// <summary>What it must not overtake; null when it need not keep its place.</summary>
    public FlightLane? Lane { get; set; }

    /// <summary>The next one in the lane.</summary>
    public Flight? Next { get; set; }

    /// <summary>When its last byte has left: if the sender's machine is gone before, it never arrives.</summary>
    public TimeSpan LeftAt { get; set; }

    /// <summary>True once it waits at the receiver only for those before it.</summary>
    public bool HasArrived { get; set; }

    /// <summary>True for one that is released when its turn comes.</summary>
    public bool IsLost { get; set; }

    /// <summary>True for what makes the connection.</summary>
    public virtual bool Opens => false;

    public override void Run() => direction.Arrive(this);

    /// <summary>It is there.</summary>
    public abstract void Deliver();

    /// <summary>It is nowhere.</summary>
    public abstract void Lose();
}

/// <summary>What must arrive in the order in which it was sent: the messages of one actor to another, or those of the runtime itself.</summary>
/// <param name="sender">Who sends.</param>
/// <param name="receiver">Who gets it.</param>
sealed class FlightLane(object sender, object receiver)
{
    Flight? _last;

    public (object Sender, object Receiver) Key => (sender, receiver);

    public bool Joins(object from, object to) => ReferenceEquals(sender, from) && ReferenceEquals(receiver, to);

    public Flight? First { get; private set; }

    public void Append(Flight flight)
    {
        flight.Lane = this;
        if (First is null) First = flight;
        else _last!.Next = flight;
        _last = flight;
    }

    public Flight TakeFirst()
    {
        var first = First!;
        First = first.Next;
        (first.Next, first.Lane) = (null, null);
        return first;
    }
}
