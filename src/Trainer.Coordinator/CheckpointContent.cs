using System.Globalization;
using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Between vectors in memory and the named tensors of a checkpoint.</summary>
/// <param name="parameters">Where each tensor lies in a parameter vector.</param>
/// <param name="optimizerVectors">Names of the optimizer's vectors.</param>
/// <param name="shards">Shards of a step.</param>
/// <param name="stateSize">Floats of carried state for each batch row.</param>
public sealed class CheckpointContent(ParameterLayout parameters, IReadOnlyList<string> optimizerVectors, int shards, int stateSize)
{
    /// <summary>True when a moving average of the weights is among the optimizer's vectors.</summary>
    public bool HoldsAverage { get; } = optimizerVectors.Contains(WeightAverage.StateName);

    /// <summary>Elements of a parameter vector.</summary>
    public int Length => parameters.Length;

    /// <summary>A parameter vector as tensors.</summary>
    /// <param name="vector">Laid out like the parameters.</param>
    /// <param name="prefix">Put before each name, such as <c>first_moment.</c></param>
    public IReadOnlyList<TensorData> ToTensors(ReadOnlyMemory<float> vector, string prefix = "") =>
        [.. parameters.Parameters.Select(parameter =>
            TensorData.Of(prefix + parameter.Name, vector.Slice(parameter.Offset, parameter.Length), [.. parameter.Shape]))];

    /// <summary>The optimizer's vectors as tensors.</summary>
    public IReadOnlyList<TensorData> OptimizerToTensors(IReadOnlyList<ReadOnlyMemory<float>> vectors) =>
        [.. optimizerVectors.SelectMany((name, index) => ToTensors(vectors[index], name + "."))];

    /// <summary>The shards' states as tensors; a shard that carries none has none.</summary>
    public IReadOnlyList<TensorData> StateToTensors(IReadOnlyList<Payload<float>?> states)
    {
        ArgumentNullException.ThrowIfNull(states);
        var tensors = new List<TensorData>();
        for (var shard = 0; shard < states.Count; shard++)
        {
            if (states[shard] is { } state && stateSize > 0)
                tensors.Add(TensorData.Of(NameOfState(shard), state.Memory, state.Length / stateSize, stateSize));
        }

        return tensors;
    }

    /// <summary>Reads a parameter vector from tensors.</summary>
    /// <exception cref="UserErrorException">A tensor is missing or of another shape: the checkpoint is of another model.</exception>
    public void FromTensors(IReadOnlyList<TensorData> tensors, Span<float> vector, string prefix = "")
    {
        var byName = tensors.ToDictionary(tensor => tensor.Name);
        foreach (var parameter in parameters.Parameters)
        {
            if (!byName.TryGetValue(prefix + parameter.Name, out var tensor))
                throw new UserErrorException($"the checkpoint has no tensor {prefix}{parameter.Name}: it is of another model or optimizer");
            if (!tensor.Shape.SequenceEqual(parameter.Shape))
                throw new UserErrorException($"the checkpoint's {tensor.Name} is [{string.Join(',', tensor.Shape)}] where the job's model has [{string.Join(',', parameter.Shape)}]");
            tensor.Floats.Span.CopyTo(vector.Slice(parameter.Offset, parameter.Length));
        }
    }

    /// <summary>Reads the optimizer's vectors.</summary>
    public IReadOnlyList<Payload<float>> OptimizerFromTensors(IReadOnlyList<TensorData> tensors, PayloadPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        var vectors = new List<Payload<float>>();
        foreach (var name in optimizerVectors)
        {
            var vector = pool.Rent<float>(parameters.Length);
            FromTensors(tensors, vector.Span, name + ".");
            vectors.Add(vector);
        }

        return vectors;
    }

    /// <summary>Reads the shards' states.</summary>
    public CarriedStates StateFromTensors(IReadOnlyList<TensorData> tensors, PayloadPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        var states = new CarriedStates(shards);
        for (var shard = 0; shard < shards; shard++)
        {
            var tensor = tensors.FirstOrDefault(candidate => candidate.Name == NameOfState(shard));
            if (tensor is not null) states.Set(shard, pool.Copy(tensor.Floats.Span));
        }

        return states;
    }

    static string NameOfState(int shard) => string.Create(CultureInfo.InvariantCulture, $"shard.{shard}");
}
