using System.Text.Json.Serialization;

namespace LstmCluster.Protocol;

/// <summary>Everything from which a run goes on as if it had never stopped. Does not depend on the number of workers, slots or parameter-server shards.</summary>
public sealed record Checkpoint
{
    /// <summary>Where in the run it was taken.</summary>
    public required CheckpointManifest Manifest { get; init; }

    /// <summary>The weights, named as PyTorch names them.</summary>
    public required IReadOnlyList<TensorData> Weights { get; init; }

    /// <summary>The optimizer's state.</summary>
    public IReadOnlyList<TensorData> Optimizer { get; init; } = [];

    /// <summary>The state that is carried from step to step, of every shard.</summary>
    public IReadOnlyList<TensorData> State { get; init; } = [];

    /// <summary>Strings kept in the weights file, such as the vocabulary, so that it can be used on its own.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}

/// <summary>Where in a run a checkpoint was taken.</summary>
public sealed record CheckpointManifest
{
    /// <summary>Steps that are done.</summary>
    public required long Step { get; init; }

    /// <summary>Version of the weights.</summary>
    public long WeightVersion { get; init; }

    /// <summary>Passes over the training data that are done.</summary>
    public long Epoch { get; init; }

    /// <summary>Time step of the streams at which the next step begins.</summary>
    public int Position { get; init; }

    /// <summary>Seed of the job; all random keys follow from it and the step.</summary>
    public ulong Seed { get; init; }

    /// <summary>Fencing term of the coordinator that wrote it.</summary>
    public long Term { get; init; }

    /// <summary>The types of device that have computed for the run so far, separated by "; ": the bits are those of one type only.</summary>
    public string Devices { get; init; } = "";

    /// <summary>What validations have shown so far; null where nothing depends on it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ValidationHistory? Validations { get; init; }

    /// <summary>Step of the checkpoint with the best weights so far, which stays as long as this one does; null where they are not kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? BestStep { get; init; }

    /// <summary>SHA-256 of the data section of <c>weights.safetensors</c>, lower-case hexadecimal. Filled in when the checkpoint is saved.</summary>
    public string WeightsSha256 { get; init; } = "";
}
