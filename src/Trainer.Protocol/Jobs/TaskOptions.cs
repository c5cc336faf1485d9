namespace LstmCluster.Protocol;

/// <summary>What a network learns to do; each task is a record of its own with the options that only it has.</summary>
public abstract record TaskOptions
{
    /// <summary>True when the data are rows with an input and a target each; false for one running text.</summary>
    public abstract bool HasRows { get; }

    /// <summary>True when the data are a table of which each sample is a window of consecutive rows.</summary>
    public virtual bool HasWindows => false;

    /// <summary>True when the targets are classes, and so a loss is in nats; false when they are numbers.</summary>
    public virtual bool HasClasses => true;
}

/// <summary>Predict the next token of a text (<c>task: language-model</c>).</summary>
public sealed record LanguageModelTask : TaskOptions
{
    /// <inheritdoc/>
    public override bool HasRows => false;
}

/// <summary>Tell the class of a sequence (<c>task: classifier</c>).</summary>
public sealed record ClassifierTask : TaskOptions
{
    /// <inheritdoc/>
    public override bool HasRows => true;
}

/// <summary>Tell the class of every token (<c>task: tagger</c>).</summary>
public sealed record TaggerTask : TaskOptions
{
    /// <inheritdoc/>
    public override bool HasRows => true;
}

/// <summary>Tell one or more numbers of a sequence (<c>task: regressor</c>).</summary>
public sealed record RegressorTask : TaskOptions
{
    /// <summary>Numbers of a target.</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>What it gives an answer to.</summary>
    public RegressorAnswers Answers { get; init; } = RegressorAnswers.Sequence;

    /// <summary>A number that is off by less counts as right when the model is judged; 0 where nothing is counted. Training does not look at it.</summary>
    public double Tolerance { get; init; }

    /// <inheritdoc/>
    public override bool HasRows => true;

    /// <inheritdoc/>
    public override bool HasClasses => false;
}

/// <summary>What a regressor gives an answer to.</summary>
public enum RegressorAnswers
{
    /// <summary>The sequence, once.</summary>
    Sequence,

    /// <summary>Every time step.</summary>
    Step,
}

/// <summary>A task over windows of a table: what comes before is read, and what comes after told.</summary>
public abstract record WindowTask : TaskOptions
{
    /// <summary>Rows that are read before the first one that is told.</summary>
    public required int Context { get; init; }

    /// <summary>Rows that are told.</summary>
    public required int Horizon { get; init; }

    /// <summary>Rows from the beginning of one window to that of the next.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>What targets are counted from.</summary>
    public WindowBase RelativeTo { get; init; } = WindowBase.None;

    /// <summary>Rows after which a series repeats itself, such as 7 for days: what forecasts are compared with repeats them, and <see cref="WindowBase.Season"/> goes by them. At most <see cref="Context"/>.</summary>
    public int Season { get; init; } = 1;

    /// <summary>Rows of a window: T.</summary>
    public int Rows => Context + Horizon;

    /// <inheritdoc/>
    public override bool HasRows => true;

    /// <inheritdoc/>
    public override bool HasWindows => true;

    /// <inheritdoc/>
    public override bool HasClasses => false;
}

/// <summary>What the targets of a window are counted from.</summary>
public enum WindowBase
{
    /// <summary>The mean of what is trained on.</summary>
    None,

    /// <summary>The last number of the window's context.</summary>
    Last,

    /// <summary>The mean of the window's context.</summary>
    Mean,

    /// <summary>The mean of the context's rows at the same place of the season.</summary>
    Season,
}

/// <summary>Tell the next rows of a table (<c>task: forecaster</c>).</summary>
public sealed record ForecasterTask : WindowTask;

/// <summary>Tell which rows of a table are out of the ordinary, by the error of a forecast of them (<c>task: anomaly</c>).</summary>
public sealed record AnomalyTask : WindowTask
{
    /// <summary>Name of the column that tells the rows that are known to be out of the ordinary, by any number but zero; used for scoring only. Null for none.</summary>
    public string? Label { get; init; }

    /// <summary>Share of the rows trained on whose error is at most the threshold above which a row counts as out of the ordinary; above 0 and below 1.</summary>
    public double Quantile { get; init; } = 0.999;
}

/// <summary>Turn a sequence into another one (<c>task: seq2seq</c>).</summary>
public sealed record SequenceToSequenceTask : TaskOptions
{
    /// <inheritdoc/>
    public override bool HasRows => true;
}
