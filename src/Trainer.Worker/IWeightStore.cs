using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Puts weight versions together and makes them ready to compute with, for the workers of a process.</summary>
public interface IWeightStore
{
    /// <summary>Where payloads are rented.</summary>
    PayloadPool Pool { get; }

    /// <inheritdoc cref="WeightAssembly.Take"/>
    WeightsPublished? Assemble(WeightsPublished part);

    /// <inheritdoc cref="WeightAssembly.IsMissing"/>
    bool IsMissing(WeightVersion version, ParameterRange slice);

    /// <inheritdoc cref="WeightAssembly.Find"/>
    WeightsPublished? Find(WeightVersion version);

    /// <summary>Makes published weights ready.</summary>
    /// <param name="published">Whole weights: <see cref="Assemble"/>. Their reference is taken over.</param>
    WeightLease Acquire(WeightsPublished published);
}
