using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>What computing a shard, making new weights and writing take in virtual time, drawn anew each time; everything else is at once.</summary>
/// <param name="plan">How slow the disk is.</param>
/// <param name="seed">The seed.</param>
sealed class WorkCosts(FaultPlan plan, ulong seed) : IDeliveryPolicy
{
    readonly Dice _dice = new(seed, "costs");
    readonly double _base = new Dice(seed, "cost of a shard").Magnitude(0.005, 0.8);

    /// <inheritdoc/>
    public TimeSpan CostOf(ActorRef receiver, Message message) => message switch
    {
        WriteCheckpoint => _dice.Span(0.001, Math.Max(0.002, plan.SlowestCheckpoint)),
        ComputeDue due => TimeSpan.FromSeconds(_base * due.Shards * _dice.Between(0.7, 1.5)),
        ApplyStep when Roles.IsParameterServer(receiver) => _dice.Span(0.0005, 0.02),
        _ => TimeSpan.Zero,
    };
}
