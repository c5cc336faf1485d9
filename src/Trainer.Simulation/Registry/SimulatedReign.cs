using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>Gives the terms of a process that was elected, and tells when it is deposed, as <see cref="RegisteredReign"/> does, but does not wait within its turns.</summary>
/// <param name="leadership">What was won.</param>
/// <param name="access">Tells when something has happened to it.</param>
/// <param name="terms">The terms of the run, raised to those of the registry.</param>
/// <param name="keeper">Who asks, and is told.</param>
/// <param name="world">Hears of what must not fail.</param>
sealed class SimulatedReign(ILeadership leadership, RegistryAccess access, RunTerms terms, ActorRef keeper, World world) : IActor, IDisposable
{
    Action? _look;
    bool _isDeposed;

    public ValueTask StartedAsync(IActorContext context)
    {
        _look = () => Look(context);
        access.AfterTurn += _look;
        Look(context);
        return ValueTask.CompletedTask;
    }

    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        if (message is not BeginTerm) return context.Unhandled(message);
        world.Watch(AnswerAsync(context));
        return ValueTask.CompletedTask;
    }

    public void Dispose() => access.AfterTurn -= _look;

    async Task AnswerAsync(IActorContext context)
    {
        var answer = await RegisteredReign.NextAsync(leadership, terms).ConfigureAwait(false);

        // Elsewhere goes on what was cancelled, because the leadership has ended: that is told below.
        if (world.IsOnThread) context.Send(keeper, answer);
    }

    void Look(IActorContext context)
    {
        if (_isDeposed || leadership.LossReason is null) return;
        _isDeposed = true;
        context.Send(keeper, new Deposed(RegisteredReign.Reason(leadership)!));
    }
}
