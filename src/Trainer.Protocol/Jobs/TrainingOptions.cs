using LstmCluster.Compute;

namespace LstmCluster.Protocol;

/// <summary>How the network is trained (<c>training:</c>).</summary>
public sealed record TrainingOptions
{
    /// <summary>Rows of a step's batch, N: contiguous streams of a text, or rows of a file.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Time steps of a step, T: how far back the gradient reaches in a text; longest input and target of rows.</summary>
    public int Length { get; init; } = 64;

    /// <summary>Whether the first steps read the beginnings of rows only.</summary>
    public GrowthOptions Growth { get; init; } = new();

    /// <summary>Equal parts that a step's batch is cut into, the unit of work that a worker gets. Divides <see cref="Batch"/>.</summary>
    public int Shards { get; init; } = 8;

    /// <summary>Steps whose activations are kept at once while the others are computed again, a multiple of 64; 0 to keep all.</summary>
    public int Recompute { get; init; }

    /// <summary>What each shard's gradient, and each sum of them, is rounded to.</summary>
    public GradientPrecision Gradients { get; init; }

    /// <summary>What workers round the operands of matrix products to.</summary>
    public ComputePrecision Precision { get; init; }

    /// <summary>Optimizer steps of the whole run.</summary>
    public required int Steps { get; init; }

    /// <summary>What turns a gradient into a change of the weights.</summary>
    public OptimizerOptions Optimizer { get; init; } = new AdamOptions();

    /// <summary>How the learning rate changes over the steps.</summary>
    public ScheduleOptions Schedule { get; init; } = new ConstantScheduleOptions();

    /// <summary>How a large gradient is made smaller, once, after averaging.</summary>
    public ClipOptions Clip { get; init; } = new NoClip();

    /// <summary>Factors of the learning rate by layer; what is not named has factor 1.</summary>
    public ValueList<LayerRate> Rates { get; init; } = [];

    /// <summary>Whether an average of the weights is used instead of the last ones.</summary>
    public AverageOptions Average { get; init; } = new NoAverage();

    /// <summary>When checkpoints are written and how many are kept.</summary>
    public CheckpointOptions Checkpoint { get; init; } = new();

    /// <summary>When the held-out part is evaluated, and what counts as better.</summary>
    public ValidateOptions Validate { get; init; } = new();

    /// <summary>True when the weights of the best validation are kept, and become the result instead of the last ones.</summary>
    public bool KeepBest { get; init; }

    /// <summary>Whether the run ends before its last step.</summary>
    public StopEarlyOptions StopEarly { get; init; } = new();
}
