using LstmCluster.Protocol;

namespace LstmCluster.Simulation;

/// <summary>What a run is after a step that nothing has disturbed.</summary>
/// <param name="Step">The step; 0 for the beginning.</param>
/// <param name="Position">Where the data stand.</param>
/// <param name="Weights">The weights.</param>
/// <param name="OptimizerState">The update rule's vectors.</param>
/// <param name="CarriedState">State of each shard; null where none is carried.</param>
public sealed record StepRecord(
    Step Step, DataPosition Position, ReadOnlyMemory<float> Weights, IReadOnlyList<ReadOnlyMemory<float>> OptimizerState,
    IReadOnlyList<ReadOnlyMemory<float>?> CarriedState);
