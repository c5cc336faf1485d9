using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Simulation;

/// <summary>What computing and writing take in virtual time, drawn anew each time; everything else is at once.</summary>
/// <param name="plan">How slow the disk is.</param>
/// <param name="seed">The seed.</param>
sealed class WorkCosts(FaultPlan plan, ulong seed) : IDeliveryPolicy
{
    readonly Dice _dice = new(seed, "costs");
    readonly double _base = new Dice(seed, "cost of a step").Magnitude(0.01, 1.5);

    /// <inheritdoc/>
    public TimeSpan CostOf(ActorRef receiver, Message message) => message switch
    {
        WriteCheckpoint => _dice.Span(0.001, Math.Max(0.002, plan.SlowestCheckpoint)),
        AssignShards when !Roles.IsCoordinator(receiver) => TimeSpan.FromSeconds(_base * _dice.Between(0.7, 1.5)),
        _ => TimeSpan.Zero,
    };
}
