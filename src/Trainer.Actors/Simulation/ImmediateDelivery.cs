namespace LstmCluster.Actors;

/// <summary>A perfect network between infinitely fast machines.</summary>
sealed class ImmediateDelivery : IDeliveryPolicy;
