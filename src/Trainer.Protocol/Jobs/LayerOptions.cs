namespace LstmCluster.Protocol;

/// <summary>One layer of a stack; each kind is a record of its own.</summary>
public abstract record LayerOptions
{
    /// <summary>Units, H, of each direction.</summary>
    public required int Units { get; init; }

    /// <summary>Whether a second layer runs from the last step to the first, and how the outputs of both become one.</summary>
    public DirectionMerge Bidirectional { get; init; } = DirectionMerge.None;

    /// <summary>What the kernels start from.</summary>
    public InitializationOptions Initialization { get; init; } = new();

    /// <summary>The initial state is trained with the weights instead of zero.</summary>
    public bool LearnedState { get; init; }
}

/// <summary>How the outputs of two directions become one.</summary>
public enum DirectionMerge
{
    /// <summary>There is one direction only.</summary>
    None,

    /// <summary>Side by side.</summary>
    Concatenate,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Half their sum.</summary>
    Average,
}

/// <summary>What a layer's kernels start from (<c>initialization:</c>).</summary>
public sealed record InitializationOptions
{
    /// <summary>Of the kernel.</summary>
    public InitialKernel Kernel { get; init; } = InitialKernel.Uniform;

    /// <summary>Of the recurrent kernel.</summary>
    public InitialKernel Recurrent { get; init; } = InitialKernel.Uniform;
}

/// <summary>What the blocks of a kernel start from.</summary>
public enum InitialKernel
{
    /// <summary>Even within one by the root of the units of zero, as in PyTorch.</summary>
    Uniform,

    /// <summary>Even within a limit by the extent of a gate's block.</summary>
    Glorot,

    /// <summary>Orthonormal rows or columns in each gate's block.</summary>
    Orthogonal,
}

/// <summary>An LSTM layer (<c>lstm:</c>).</summary>
public sealed record LstmLayerOptions : LayerOptions
{
    /// <summary>What the forget gate's bias starts at.</summary>
    public double ForgetBias { get; init; } = 1;

    /// <summary>What the input gate's bias starts at; null for an even draw.</summary>
    public double? InputBias { get; init; }

    /// <summary>What the output gate's bias starts at; null for an even draw.</summary>
    public double? OutputBias { get; init; }

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
public sealed record GruLayerOptions : LayerOptions;

/// <summary>A plain recurrent layer (<c>rnn:</c>).</summary>
public sealed record RnnLayerOptions : LayerOptions;
