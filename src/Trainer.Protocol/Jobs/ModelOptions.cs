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

    /// <summary>Gates see the cell through diagonal weights.</summary>
    public bool Peephole { get; init; }

    /// <summary>Both products and the cell are normalised.</summary>
    public bool LayerNorm { get; init; }

    /// <summary>The forget gate is one minus the input gate.</summary>
    public bool CoupledInputForget { get; init; }

    /// <summary>Features of the projected hidden state; 0 for no projection.</summary>
    public int Projection { get; init; }

    /// <summary>Largest magnitude of the cell; 0 for no limit.</summary>
    public double CellClip { get; init; }

    /// <summary>Rate of recurrent dropout, with one mask for all time steps of a step's batch.</summary>
    public double RecurrentDropout { get; init; }

    /// <summary>Rate at which features of the hidden state keep their old value.</summary>
    public double ZoneoutHidden { get; init; }

    /// <summary>Rate at which the cell's features keep their old value.</summary>
    public double ZoneoutCell { get; init; }
}

/// <summary>A GRU layer (<c>gru:</c>).</summary>
public sealed record GruLayerOptions : LayerOptions
{
    /// <summary>Units, H.</summary>
    public required int Units { get; init; }
}

/// <summary>A plain recurrent layer (<c>rnn:</c>).</summary>
public sealed record RnnLayerOptions : LayerOptions
{
    /// <summary>Units, H.</summary>
    public required int Units { get; init; }
}
