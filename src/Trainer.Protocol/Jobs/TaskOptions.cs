namespace LstmCluster.Protocol;

/// <summary>What a network learns to do; each task is a record of its own with the options that only it has.</summary>
public abstract record TaskOptions
{
    /// <summary>True when the data are rows with an input and a target each; false for one running text.</summary>
    public abstract bool HasRows { get; }

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

    /// <inheritdoc/>
    public override bool HasRows => true;

    /// <inheritdoc/>
    public override bool HasClasses => false;
}

/// <summary>Turn a sequence into another one (<c>task: seq2seq</c>).</summary>
public sealed record SequenceToSequenceTask : TaskOptions
{
    /// <inheritdoc/>
    public override bool HasRows => true;
}
