using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The recurrent state that each shard carries from round to round. It belongs to the shard, whoever computes it.</summary>
/// <param name="shards">Number of shards.</param>
public sealed class CarriedStates(int shards) : IDisposable
{
    readonly Payload<float>?[] _states = new Payload<float>?[shards];

    /// <summary>The states, in shard order; null where a shard starts from zero.</summary>
    public IReadOnlyList<Payload<float>?> All => _states;

    /// <summary>A reference to a shard's state for a batch to carry; null for none.</summary>
    public Payload<float>? For(int shard) => _states[shard]?.Retain();

    /// <summary>References to all states, for a checkpoint to hold.</summary>
    public IReadOnlyList<Payload<float>?> RetainAll() => [.. _states.Select(state => state?.Retain())];

    /// <summary>Takes over the states after a round.</summary>
    public void Take(IEnumerable<ShardResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        foreach (var result in results) Set(result.Shard, result.State);
    }

    /// <summary>Takes over one shard's state.</summary>
    public void Set(int shard, Payload<float>? state)
    {
        _states[shard]?.Release();
        _states[shard] = state;
    }

    /// <summary>Every shard starts from zero.</summary>
    public void Reset()
    {
        for (var shard = 0; shard < _states.Length; shard++) Set(shard, null);
    }

    /// <summary>Gives back the states.</summary>
    public void Dispose() => Reset();
}
