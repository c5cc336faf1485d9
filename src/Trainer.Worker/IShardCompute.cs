using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>From an assignment's shards to their losses, states and gradients: what a <see cref="Worker"/> computes with.</summary>
/// <remarks><see cref="ShardComputer"/> computes; a simulation of large clusters only says what it would take.</remarks>
public interface IShardCompute : IDisposable
{
    /// <summary>Elements of a gradient vector.</summary>
    int GradientLength { get; }

    /// <summary>What each shard's gradient, and each sum, is rounded to.</summary>
    GradientPrecision Precision { get; }

    /// <summary>Name of the device.</summary>
    string DeviceName { get; }

    /// <summary>What decides the device's bits: <see cref="IDevice.DeviceType"/>.</summary>
    string DeviceType => DeviceName;

    /// <summary>Runs the shards forward.</summary>
    /// <param name="assignment">The shards. Its payloads stay the caller's.</param>
    /// <param name="weights">The weight version of the round.</param>
    /// <returns>Loss and state of each shard, and of an evaluation the sums that the task's figures are made of.</returns>
    IReadOnlyList<ShardResult> Forward(AssignShards assignment, WeightLease weights);

    /// <summary>Runs the shards of the last <see cref="Forward"/> backward, and hands out their gradients: for the fewest nodes of the reduction tree that cover the shards.</summary>
    /// <param name="weights">The version that forward used.</param>
    /// <param name="pieces">What a gradient vector is handed out in: ascending, together all of it.</param>
    /// <param name="take">Gets each piece of each node, and owns its reference.</param>
    void Backward(WeightLease weights, IReadOnlyList<ParameterRange> pieces, Action<GradientPiece> take);
}
