using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Weights and optimizer state that training starts from: of the whole parameter vector, or of the part that one parameter server keeps.</summary>
/// <param name="Slice">The part of the parameter vector.</param>
/// <param name="Version">Version of the weights.</param>
/// <param name="Weights">That part of the weights, read-only.</param>
/// <param name="OptimizerState">That part of the update rule's state vectors, in its order.</param>
public sealed record ParameterStart(ParameterRange Slice, WeightVersion Version, Payload<float> Weights, IReadOnlyList<Payload<float>> OptimizerState)
{
    /// <summary>What a run starts from that has no checkpoint yet.</summary>
    /// <param name="rule">How weights are updated.</param>
    /// <param name="parameters">The model's parameters.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="pool">Where vectors are rented.</param>
    public static ParameterStart Initial(UpdateRule rule, ParameterLayout parameters, ulong seed, PayloadPool pool)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(pool);
        var weights = pool.Rent<float>(parameters.Length);
        parameters.Initialize(seed, weights.Span);
        var vectors = rule.StateNames.Select(_ => pool.Rent<float>(parameters.Length)).ToList();
        for (var index = 0; index < vectors.Count; index++) rule.Initialize(index, weights.Span, vectors[index].Span);
        return new ParameterStart(new ParameterRange(0, parameters.Length), new WeightVersion(0), weights, vectors);
    }

    /// <summary>A part of this one with references of its own. Nothing is copied: parts that do not overlap may have owners of their own, who write to the optimizer's vectors.</summary>
    public ParameterStart Part(ParameterRange part)
    {
        if (part == Slice) return this with { Weights = Weights.Retain(), OptimizerState = [.. OptimizerState.Select(vector => vector.Retain())] };
        var (offset, length) = part.From(Slice);
        return new ParameterStart(part, Version, Weights.Slice(offset, length), [.. OptimizerState.Select(vector => vector.Slice(offset, length))]);
    }

    /// <summary>Gives back the vectors.</summary>
    public void Release()
    {
        Weights.Release();
        foreach (var vector in OptimizerState) vector.Release();
    }
}
