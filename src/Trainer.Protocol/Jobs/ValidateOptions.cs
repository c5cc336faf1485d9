namespace LstmCluster.Protocol;

/// <summary>When the held-out part is evaluated, and what counts as better (<c>training.validate:</c>).</summary>
public sealed record ValidateOptions
{
    /// <summary>Steps between two validations; 0 means only at the end.</summary>
    public int Every { get; init; }

    /// <summary>What the best weights and the end of a run are decided by.</summary>
    public ValidationMetric Metric { get; init; } = ValidationMetric.Loss;

    /// <summary>The class whose F1 counts; null for the mean of all.</summary>
    public string? Class { get; init; }
}

/// <summary>A figure of a validation.</summary>
public enum ValidationMetric
{
    /// <summary>Mean loss of a target; lower is better.</summary>
    Loss,

    /// <summary>Share of the targets that are told right; higher is better.</summary>
    Accuracy,

    /// <summary>F1 of a class, or the mean of all classes; higher is better.</summary>
    F1,

    /// <summary>Mean absolute error; lower is better.</summary>
    MeanAbsoluteError,

    /// <summary>Root of the mean squared error; lower is better.</summary>
    RootMeanSquareError,
}

/// <summary>Whether a run ends before its last step (<c>training.stopEarly:</c>).</summary>
public sealed record StopEarlyOptions
{
    /// <summary>Validations in a row that are no better than the best before them, after which it ends; 0 means never.</summary>
    public int Patience { get; init; }
}
