using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>Answers for shards without computing them: zeros, that many as stand for the model. The time is charged by <see cref="ScaleCosts"/>.</summary>
/// <param name="length">Elements of a gradient vector.</param>
/// <param name="tree">The reduction tree.</param>
/// <param name="tokens">Tokens of a shard.</param>
/// <param name="zeros">At least as many zeros as the longest piece; stays the caller's.</param>
sealed class ModelledCompute(int length, ShardTree tree, int tokens, Payload<float> zeros) : IShardCompute
{
    readonly List<ShardRange> _nodes = [];

    /// <inheritdoc/>
    public int GradientLength => length;

    /// <inheritdoc/>
    public GradientPrecision Precision => GradientPrecision.Fp32;

    /// <inheritdoc/>
    public string DeviceName => "modelled";

    /// <inheritdoc/>
    public IReadOnlyList<ShardResult> Forward(AssignShards assignment, WeightLease weights)
    {
        _nodes.Clear();
        tree.Cover([.. assignment.Shards.Select(shard => shard.Shard)], _nodes);
        return [.. assignment.Shards.Select(shard => new ShardResult(shard.Shard, tokens, tokens, State: null))];
    }

    /// <inheritdoc/>
    public void Backward(WeightLease weights, IReadOnlyList<ParameterRange> pieces, Action<GradientPiece> take)
    {
        foreach (var node in _nodes)
            foreach (var piece in pieces)
                take(new GradientPiece(node, piece, piece.Length == zeros.Length ? zeros.Retain() : zeros.Slice(0, piece.Length)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
