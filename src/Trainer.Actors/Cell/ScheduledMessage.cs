namespace LstmCluster.Actors;

/// <summary>A message that its own actor gets later. Either it is delivered or it is taken back, never both.</summary>
sealed class ScheduledMessage(ActorCell owner, Message message) : IDisposable
{
    int _settled;
    IDisposable? _clock;

    public Message Message => message;

    public bool IsPending => Volatile.Read(ref _settled) == 0;

    /// <summary>Keeps the timer of a real clock, to be given up once this is settled.</summary>
    public void Attach(IDisposable clock)
    {
        _clock = clock;
        if (!IsPending) clock.Dispose();
    }

    /// <summary>The delay is over: the message goes to the mailbox, from which it can still be taken back.</summary>
    public void Fire()
    {
        if (IsPending) owner.Post(this);
    }

    /// <summary>Claims the message for delivery; false when it was taken back.</summary>
    public bool TryDeliver() => TrySettle();

    /// <summary>Takes the message back and releases it, unless it was delivered.</summary>
    public void Dispose()
    {
        if (TrySettle()) owner.Runtime.Discard(message);
    }

    bool TrySettle()
    {
        if (Interlocked.Exchange(ref _settled, 1) != 0) return false;
        _clock?.Dispose();
        owner.Forget(this);
        return true;
    }
}
