using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Simulation;

namespace Trainer.Simulation.Tests;

/// <summary>A defect of the protocol, planted into the actors of one simulation. Each simulation has a new one.</summary>
abstract class Bug : IMutation
{
    /// <inheritdoc/>
    public virtual IActor Make(string name, IActor actor) => actor;

    /// <inheritdoc/>
    public virtual IEnumerable<Message> Hear(ActorRef actor, Message message) => [message];

    /// <inheritdoc/>
    public virtual IEnumerable<Message> Send(ActorRef actor, ActorRef target, Message message) => [message];

    /// <inheritdoc/>
    public virtual IRunFiles Wrap(IRunFiles files) => files;

    /// <inheritdoc/>
    public virtual TimeProvider Clock(TimeProvider clock) => clock;

    /// <inheritdoc/>
    public virtual Func<string?> Lost(Func<string?> lost) => lost;

    protected static bool IsServer(ActorRef actor) => Roles.IsParameterServer(actor);

    protected static bool IsCoordinator(ActorRef actor) => Roles.IsCoordinator(actor);

    /// <summary>Changes the numbers of a payload that somebody else may hold too.</summary>
    protected static Payload<float> Changed(Payload<float> payload, Action<Span<float>> change)
    {
        var own = new PayloadPool(0).Copy<float>(payload.Span);
        payload.Release();
        change(own.Span);
        return own;
    }
}
