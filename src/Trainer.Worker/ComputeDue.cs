using LstmCluster.Actors;

namespace LstmCluster.Training;

/// <summary>Worker to itself: an assignment and the weights for it are here. A simulation charges the time of computing to it.</summary>
/// <param name="Shards">Shards of the assignment.</param>
public sealed record ComputeDue(int Shards) : Message;
