using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>The weights of one worker, of which only is known which parts have come.</summary>
/// <param name="length">Elements of the whole vector.</param>
/// <param name="servers">How many parts it comes in.</param>
/// <param name="pool">Where payloads are rented.</param>
sealed class ModelledWeights(int length, int servers, PayloadPool pool) : IWeightStore
{
    readonly HashSet<ParameterRange> _parts = [];
    WeightVersion _version = new(-1);

    /// <inheritdoc/>
    public PayloadPool Pool => pool;

    /// <inheritdoc/>
    public WeightsPublished? Assemble(WeightsPublished part)
    {
        if (part.Version.Value > _version.Value)
        {
            _version = part.Version;
            _parts.Clear();
        }

        if (part.Version == _version && _parts.Add(part.Slice) && _parts.Count == servers)
            return part with { Slice = new ParameterRange(0, length) };
        part.Release();
        return null;
    }

    /// <inheritdoc/>
    public bool IsMissing(WeightVersion version, ParameterRange slice) =>
        version.Value > _version.Value || (version == _version && !_parts.Contains(slice));

    /// <summary>None: no other worker shares these.</summary>
    public WeightsPublished? Find(WeightVersion version) => null;

    /// <inheritdoc/>
    public WeightLease Acquire(WeightsPublished published)
    {
        published.Release();
        return new WeightLease(published.Version, weights: null);
    }
}
