using System.Collections.Concurrent;
using System.Threading.Channels;

namespace LstmCluster.Actors;

/// <summary>A bounded channel for messages of actors and an unbounded queue, served first, for those of the runtime.</summary>
/// <remarks>
/// <c>_awake</c> is 1 from the moment work is posted to an idle cell until that cell has run out of work: it admits one runner at a time.
/// A runner that goes to rest clears it and then looks once more, so that a message posted in between is not forgotten.
/// </remarks>
abstract class ThreadMailbox(ActorCell cell) : Mailbox
{
    readonly ConcurrentQueue<SystemMessage> _system = new();
    readonly Channel<Envelope> _messages = Channel.CreateBounded<Envelope>(
        new BoundedChannelOptions(cell.Options.MailboxCapacity) { SingleReader = true });

    volatile bool _closed;
    int _awake;

    protected ActorCell Cell => cell;

    public sealed override PostResult Post(Envelope envelope)
    {
        if (!_messages.Writer.TryWrite(envelope)) return _closed ? PostResult.Closed : PostResult.Full;
        WakeOnce();
        return PostResult.Accepted;
    }

    public sealed override void Post(SystemMessage message)
    {
        _system.Enqueue(message);
        WakeOnce();
    }

    public sealed override void Close()
    {
        _closed = true;
        _messages.Writer.Complete();
    }

    public sealed override bool TryTake(out Envelope envelope) => _messages.Reader.TryRead(out envelope);

    /// <summary>Has a runner call <see cref="TryTurn"/> until it is false, and then <see cref="Rest"/>.</summary>
    protected abstract void Wake();

    /// <summary>Begins the next turn; false when there is nothing to do.</summary>
    protected bool TryTurn(out ValueTask turn)
    {
        if (_system.TryDequeue(out var message)) turn = cell.HandleAsync(message);
        else if (cell.TakesMessages && TryTake(out var envelope)) turn = cell.HandleAsync(envelope);
        else
        {
            turn = default;
            return false;
        }

        return true;
    }

    /// <summary>Ends the run.</summary>
    protected void Rest()
    {
        Interlocked.Exchange(ref _awake, 0);
        if (!_system.IsEmpty || (cell.TakesMessages && _messages.Reader.Count > 0)) WakeOnce();
    }

    void WakeOnce()
    {
        if (Interlocked.Exchange(ref _awake, 1) == 0) Wake();
    }
}
