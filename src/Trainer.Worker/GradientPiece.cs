using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>A part of the gradient of one node of the reduction tree, which is final.</summary>
/// <param name="Node">The shards summed.</param>
/// <param name="Slice">Which part of the gradient vector.</param>
/// <param name="Gradient">That part; whoever takes the piece owns its reference.</param>
public readonly record struct GradientPiece(ShardRange Node, ParameterRange Slice, Payload<float> Gradient);
