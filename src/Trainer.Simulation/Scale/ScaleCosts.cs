using LstmCluster.Actors;

namespace LstmCluster.Simulation;

/// <summary>Actors are busy for as long as the model says; between them there are only the links.</summary>
/// <param name="model">What takes how long.</param>
sealed class ScaleCosts(ScaleModel model) : IDeliveryPolicy
{
    /// <inheritdoc/>
    public TimeSpan CostOf(ActorRef receiver, Message message) => model.CostOf(message);
}
