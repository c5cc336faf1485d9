using LstmCluster.Actors;

namespace LstmCluster.Simulation;

/// <summary>An actor with a <see cref="Tap"/> around it.</summary>
sealed class TappedActor(IActor actor, Tap tap) : IActor, IDisposable
{
    TappedContext? _context;

    public ValueTask StartedAsync(IActorContext context)
    {
        foreach (var probe in tap.Probes) probe.Starts(context.Self, actor);
        return actor.StartedAsync(_context = new TappedContext(context, tap));
    }

    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        if (_context?.Inner != context) _context = new TappedContext(context, tap);
        if (tap.Mutation is null) return Handle(message, _context);
        var heard = tap.Mutation.Hear(context.Self, message).ToList();
        foreach (var one in heard)
        {
            var turn = Handle(one, _context);
            if (!turn.IsCompletedSuccessfully) return turn;
        }

        return ValueTask.CompletedTask;
    }

    public void Dispose() => (actor as IDisposable)?.Dispose();

    ValueTask Handle(Message message, TappedContext context)
    {
        foreach (var probe in tap.Probes) probe.Hears(context.Self, message);
        context.Refused = null;
        var turn = actor.ReceiveAsync(message, context);
        if (!turn.IsCompletedSuccessfully) return turn;
        foreach (var probe in tap.Probes) probe.Handled(context.Self, message, refused: context.Refused == message);
        return turn;
    }
}
