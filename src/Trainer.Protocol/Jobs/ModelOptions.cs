namespace LstmCluster.Protocol;

/// <summary>The network (<c>model:</c>): embedding, a stack of layers, and a linear head over the vocabulary.</summary>
public sealed record ModelOptions
{
    /// <summary>Features of a token's embedding, E.</summary>
    public int Embedding { get; init; } = 64;

    /// <summary>The recurrent layers from the input up, at least one.</summary>
    public required ValueList<LayerOptions> Layers { get; init; }

    /// <summary>Probability that a feature is dropped after each layer in training, from 0 up to, but not including, 1.</summary>
    public double Dropout { get; init; }
}

/// <summary>One layer of the stack; each kind is a record of its own.</summary>
public abstract record LayerOptions;

/// <summary>An LSTM layer (<c>lstm:</c>).</summary>
public sealed record LstmLayerOptions : LayerOptions
{
    /// <summary>Units, H.</summary>
    public required int Units { get; init; }

    /// <summary>What the forget gate's bias starts at.</summary>
    public double ForgetBias { get; init; } = 1;
}
