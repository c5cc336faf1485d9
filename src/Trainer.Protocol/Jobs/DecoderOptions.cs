namespace LstmCluster.Protocol;

/// <summary>The part of a seq2seq model that writes the target sequence (<c>model.decoder:</c>).</summary>
public sealed record DecoderOptions
{
    /// <summary>Features of a target token's embedding.</summary>
    public int Embedding { get; init; } = 64;

    /// <summary>The recurrent layers, at least one, each in one direction.</summary>
    public required ValueList<LayerOptions> Layers { get; init; }

    /// <summary>How each step looks at the source.</summary>
    public AttentionKind Attention { get; init; } = AttentionKind.General;

    /// <summary>The attentional vector of a step is part of the next one's input.</summary>
    public bool InputFeeding { get; init; }

    /// <summary>Rate at which a step in training reads the model's own choice instead of the target before it.</summary>
    public double ScheduledSampling { get; init; }

    /// <summary>The head uses the weights of the target embedding.</summary>
    public bool Tied { get; init; }
}

/// <summary>How a decoder looks at the source.</summary>
public enum AttentionKind
{
    /// <summary>Not at all: it has the encoder's final states only.</summary>
    None,

    /// <summary>Product of query and key.</summary>
    Dot,

    /// <summary>Product of query and projected key (Luong et al. 2015).</summary>
    General,

    /// <summary>A small network over query and key (Bahdanau et al. 2015).</summary>
    Additive,
}
