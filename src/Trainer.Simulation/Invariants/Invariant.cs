using LstmCluster.Actors;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>Something that holds at every moment of every simulation. It sees all that actors hear and say, and tells when it does not hold.</summary>
abstract class Invariant : IProbe
{
    Action<Invariant, string>? _report;

    /// <summary>What holds, in a few words.</summary>
    public abstract string Name { get; }

    /// <summary>Tells violations from now on.</summary>
    /// <param name="report">Gets what was seen.</param>
    public void Begin(Action<Invariant, string> report) => _report = report;

    /// <inheritdoc/>
    public virtual void Starts(ActorRef actor, IActor instance)
    {
    }

    /// <inheritdoc/>
    public virtual void Sends(ActorRef actor, ActorRef target, Message message)
    {
    }

    /// <inheritdoc/>
    public virtual void Hears(ActorRef actor, Message message)
    {
    }

    /// <inheritdoc/>
    public virtual void Handled(ActorRef actor, Message message, bool refused)
    {
    }

    /// <summary>A coordinator's process tells something.</summary>
    public virtual void Told(TrainingEvent happened)
    {
    }

    /// <summary>The run's disk has lost what was not flushed.</summary>
    public virtual void DiskCrashed()
    {
    }

    /// <summary>The simulation is over; its actors are still there.</summary>
    public virtual void Ended()
    {
    }

    /// <summary>It does not hold.</summary>
    /// <param name="what">What was seen.</param>
    protected void Violated(string what) => _report?.Invoke(this, what);
}
