namespace LstmCluster.Protocol;

/// <summary>The network (<c>model:</c>): embedding, a stack of layers, and a head.</summary>
/// <remarks>What is null does not belong to the job's task; a job that was read has every key of its task filled in.</remarks>
public sealed record ModelOptions
{
    /// <summary>Features of a token's embedding, E; without use where inputs are numbers.</summary>
    public int Embedding { get; init; } = 64;

    /// <summary>What reads the characters of each word; null where only the word itself is read.</summary>
    public CharacterOptions? Characters { get; init; }

    /// <summary>Probability that a word counts as unknown in training, from 0 up to, but not including, 1.</summary>
    public double WordDropout { get; init; }

    /// <summary>Probability that a feature of the first layer's input is dropped in training, from 0 up to, but not including, 1.</summary>
    public double InputDropout { get; init; }

    /// <summary>The recurrent layers from the input up, at least one.</summary>
    public required ValueList<LayerOptions> Layers { get; init; }

    /// <summary>Probability that a feature is dropped after each layer in training, from 0 up to, but not including, 1.</summary>
    public double Dropout { get; init; }

    /// <summary>Each layer but the first adds its input to its output.</summary>
    public bool Residual { get; init; }

    /// <summary>Each layer's output is normalised.</summary>
    public bool LayerNorm { get; init; }

    /// <summary>The head uses the weights of the embedding.</summary>
    public bool Tied { get; init; }

    /// <summary>How a sequence becomes one vector; null where every step is answered.</summary>
    public PoolingKind? Pooling { get; init; }

    /// <summary>What writes the target sequence; null where the target is none.</summary>
    public DecoderOptions? Decoder { get; init; }

    /// <summary>What training makes small; null for that of the task.</summary>
    public LossOptions? Loss { get; init; }
}

/// <summary>How a sequence becomes one vector.</summary>
public enum PoolingKind
{
    /// <summary>What the last step gave.</summary>
    Last,

    /// <summary>The mean of all steps.</summary>
    Mean,

    /// <summary>The largest of all steps, feature by feature.</summary>
    Max,
}
