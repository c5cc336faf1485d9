using System.Text.Json;
using System.Text.Json.Serialization;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Something worth telling about a run: a line of metrics.jsonl, a line of <c>--json</c>, a change of the display.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(RunStarted), "started")]
[JsonDerivedType(typeof(Listening), "listening")]
[JsonDerivedType(typeof(Serving), "serving")]
[JsonDerivedType(typeof(StepCompleted), "step")]
[JsonDerivedType(typeof(ValidationCompleted), "validation")]
[JsonDerivedType(typeof(CheckpointWritten), "checkpoint")]
[JsonDerivedType(typeof(CheckpointNotWritten), "checkpoint_failed")]
[JsonDerivedType(typeof(CheckpointRefused), "checkpoint_refused")]
[JsonDerivedType(typeof(WorkerCame), "worker_joined")]
[JsonDerivedType(typeof(WorkerWent), "worker_lost")]
[JsonDerivedType(typeof(GradientRefused), "gradient_rejected")]
[JsonDerivedType(typeof(ShardsReissued), "shards_reissued")]
[JsonDerivedType(typeof(ShardsHelped), "shards_helped")]
[JsonDerivedType(typeof(Noticed), "notice")]
[JsonDerivedType(typeof(RunRestarted), "restarted")]
[JsonDerivedType(typeof(RunDeposed), "deposed")]
[JsonDerivedType(typeof(RunInterrupted), "interrupted")]
[JsonDerivedType(typeof(RunFailed), "failed")]
[JsonDerivedType(typeof(RunFinished), "finished")]
public abstract record TrainingEvent
{
    static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The event as one JSON object on one line.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <summary>Reads what <see cref="ToJson"/> gave.</summary>
    /// <exception cref="JsonException">It is no event.</exception>
    public static TrainingEvent? Parse(string line) => JsonSerializer.Deserialize<TrainingEvent>(line, Options);
}

/// <summary>The run begins or goes on.</summary>
/// <param name="Run">The run directory.</param>
/// <param name="Name">The job's name.</param>
/// <param name="Step">The last step applied: 0, or the one resumed from.</param>
/// <param name="Steps">Steps of the job.</param>
/// <param name="Parameters">Number of parameters.</param>
/// <param name="Vocabulary">Number of distinct input tokens; 0 where inputs are numbers.</param>
/// <param name="TrainingTokens">Time steps trained on.</param>
/// <param name="ValidationTokens">Time steps held out.</param>
/// <param name="Shards">Shards of a step.</param>
/// <param name="Workers">Workers of this process.</param>
public sealed record RunStarted(
    string Run, string Name, long Step, long Steps, int Parameters, int Vocabulary, long TrainingTokens, long ValidationTokens, int Shards, int Workers) : TrainingEvent
{
    /// <summary>Rows trained on; null for a running text.</summary>
    public long? TrainingRows { get; init; }

    /// <summary>Rows held out; null for a running text.</summary>
    public long? ValidationRows { get; init; }

    /// <summary>Term of the coordinator.</summary>
    public long Term { get; init; }
}

/// <summary>Workers of other processes can join.</summary>
/// <param name="Address">Where, with the port that was given.</param>
public sealed record Listening(string Address) : TrainingEvent;

/// <summary>Pages tell how this process is.</summary>
/// <param name="Address">Their address, with the port that was given.</param>
public sealed record Serving(string Address) : TrainingEvent;

/// <summary>A step was applied.</summary>
/// <param name="Step">The step.</param>
/// <param name="Epoch">Passes over the data: completed ones and the share of the present one.</param>
/// <param name="TrainLoss">Mean loss of its targets, dropout on; nats where they are classes.</param>
/// <param name="GradientNorm">L2 norm of the averaged gradient before clipping.</param>
/// <param name="AppliedNorm">L2 norm after clipping.</param>
/// <param name="Rate">Learning rate.</param>
/// <param name="Tokens">Targets: tokens, or classes or numbers of whole sequences.</param>
/// <param name="TokensPerSecond">Of this step.</param>
/// <param name="Workers">Workers that were ready.</param>
/// <param name="Seconds">Since this process began to train.</param>
public sealed record StepCompleted(
    long Step, double Epoch, double TrainLoss, double GradientNorm, double AppliedNorm, double Rate, long Tokens, double TokensPerSecond,
    int Workers, double Seconds) : TrainingEvent
{
    /// <summary>Shards of the step that were assigned once more, because a worker was lost or what it sent was lost or of no use.</summary>
    public int ShardsReissued { get; init; }
}

/// <summary>The held-out part was evaluated.</summary>
/// <param name="Step">The last step applied.</param>
/// <param name="ValidationLoss">Mean loss of a target, dropout off; nats where it is a class.</param>
/// <param name="BitsPerToken">The same in bits; null where targets are numbers.</param>
/// <param name="Perplexity">Its exponential; null where targets are numbers.</param>
/// <param name="Tokens">Targets: tokens, or classes or numbers of whole sequences.</param>
/// <param name="Seconds">Time that it took.</param>
public sealed record ValidationCompleted(
    long Step, double ValidationLoss, double? BitsPerToken, double? Perplexity, long Tokens, double Seconds) : TrainingEvent
{
    /// <summary>Share of the targets that are told right; null where they are numbers, and for a language model.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Mean F1 of the classes that occur or were told; null for other tasks than classifiers and taggers.</summary>
    public double? MacroF1 { get; init; }

    /// <summary>F1 of each class by its name, of those that occur or were told; null where there are too many, and for other tasks.</summary>
    public IReadOnlyDictionary<string, double>? F1 { get; init; }

    /// <summary>Mean absolute error, in the units of the data; null where targets are classes.</summary>
    public double? Mae { get; init; }

    /// <summary>Root of the mean squared error, in the units of the data; null where targets are classes.</summary>
    public double? Rmse { get; init; }

    /// <summary>Sequences of which all numbers are off by less than the task's tolerance; null where it has none.</summary>
    public long? RightSequences { get; init; }

    /// <summary>True when it was the best so far; null where nothing depends on it.</summary>
    [JsonPropertyName("best")]
    public bool? IsBest { get; init; }
}

/// <summary>A checkpoint is complete on disk.</summary>
/// <param name="Step">Its step.</param>
/// <param name="Path">Its directory.</param>
/// <param name="Seconds">Time that writing took.</param>
public sealed record CheckpointWritten(long Step, string Path, double Seconds) : TrainingEvent;

/// <summary>A checkpoint could not be written; training goes on.</summary>
/// <param name="Step">Its step.</param>
/// <param name="Reason">Why.</param>
public sealed record CheckpointNotWritten(long Step, string Reason) : TrainingEvent;

/// <summary>On resuming, a checkpoint did not pass its checksums; the one before is used.</summary>
/// <param name="Reason">Its name and what is wrong with it.</param>
public sealed record CheckpointRefused(string Reason) : TrainingEvent;

/// <summary>A worker joined.</summary>
/// <param name="Worker">Its name.</param>
/// <param name="Device">Its device.</param>
/// <param name="Workers">Workers now ready.</param>
public sealed record WorkerCame(string Worker, string Device, int Workers) : TrainingEvent;

/// <summary>A worker was lost; its unfinished shards are computed by others.</summary>
/// <param name="Worker">Its name.</param>
/// <param name="Reason">Why, if known.</param>
/// <param name="Step">The step in work.</param>
/// <param name="Shards">Its unfinished shards.</param>
/// <param name="Workers">Workers now ready.</param>
public sealed record WorkerWent(string Worker, string? Reason, long Step, IReadOnlyList<int> Shards, int Workers) : TrainingEvent;

/// <summary>What a worker computed for some shards cannot be used; they are computed once more.</summary>
/// <param name="Step">The step.</param>
/// <param name="Worker">The worker.</param>
/// <param name="Shards">The shards.</param>
/// <param name="Reason">Why.</param>
public sealed record GradientRefused(long Step, string Worker, IReadOnlyList<int> Shards, string Reason) : TrainingEvent;

/// <summary>Shards are computed by another worker, because what the first one was asked for is lost or of no use.</summary>
/// <param name="Step">The step; the last one applied where they are evaluated.</param>
/// <param name="Shards">The shards.</param>
/// <param name="From">Who was to compute them.</param>
/// <param name="To">Who computes them now.</param>
/// <param name="Reason">What became of them.</param>
public sealed record ShardsReissued(long Step, IReadOnlyList<int> Shards, string From, string To, string Reason) : TrainingEvent;

/// <summary>A worker takes long, so that another one, which has nothing to do, computes its shards as well; the first answer counts.</summary>
/// <param name="Step">The step; the last one applied where they are evaluated.</param>
/// <param name="Shards">The shards.</param>
/// <param name="Worker">Who takes long.</param>
/// <param name="Helper">Who computes them too.</param>
/// <param name="Seconds">How long it has taken so far.</param>
public sealed record ShardsHelped(long Step, IReadOnlyList<int> Shards, string Worker, string Helper, double Seconds) : TrainingEvent;

/// <summary>Something a person may want to know.</summary>
/// <param name="Message">One line.</param>
public sealed record Noticed(string Message) : TrainingEvent;

/// <summary>The coordinator was started anew, within the same process, and the run goes on from a checkpoint: steps after it are done again, with the same bits.</summary>
/// <param name="Step">The last step applied: that of the checkpoint.</param>
/// <param name="Term">Term of the new coordinator.</param>
/// <param name="Reason">What was lost.</param>
public sealed record RunRestarted(long Step, long Term, string Reason) : TrainingEvent;

/// <summary>Another process has become coordinator of the run; this one changes nothing more.</summary>
/// <param name="Step">The last step applied here.</param>
/// <param name="Term">The term that is over.</param>
/// <param name="Reason">How that is known.</param>
public sealed record RunDeposed(long Step, long Term, string Reason) : TrainingEvent;

/// <summary>The run stopped because it was asked to.</summary>
/// <param name="Step">The last step applied.</param>
/// <param name="Run">The run directory.</param>
/// <param name="Checkpointed">True when the last step's checkpoint is complete.</param>
public sealed record RunInterrupted(long Step, string Run, bool Checkpointed) : TrainingEvent;

/// <summary>The run stopped because it could not go on.</summary>
/// <param name="Step">The step that failed.</param>
/// <param name="Reason">Why.</param>
/// <param name="Checkpoint">The last good checkpoint; null when there is none.</param>
public sealed record RunFailed(long Step, string Reason, string? Checkpoint) : TrainingEvent;

/// <summary>The run is done.</summary>
/// <param name="Step">The last step.</param>
/// <param name="TrainLoss">Loss of the last step; null when no step was left to do.</param>
/// <param name="ValidationLoss">Loss of the weights that are left on the held-out part; null when nothing is held out.</param>
/// <param name="TokensPerSecond">Mean over the training steps of this process.</param>
/// <param name="Seconds">Since this process began to train.</param>
/// <param name="WeightsSha256">SHA-256 of the data section of weights.safetensors.</param>
/// <param name="Run">The run directory.</param>
public sealed record RunFinished(
    long Step, double? TrainLoss, double? ValidationLoss, double TokensPerSecond, double Seconds, string WeightsSha256, string Run) : TrainingEvent
{
    /// <summary>The validation whose weights are left; null where the last ones are.</summary>
    public BestValidation? Best { get; init; }

    /// <summary>True when validations no longer became better, so that the last steps of the job were left out; null when they were not.</summary>
    public bool? StoppedEarly { get; init; }
}

/// <summary>The validation with the best figure.</summary>
/// <param name="Step">Step after which it was.</param>
/// <param name="Metric">What it was judged by, in words.</param>
/// <param name="Value">The figure.</param>
public sealed record BestValidation(long Step, string Metric, double Value)
{
    /// <summary>That of a history; null where none had a figure.</summary>
    public static BestValidation? Of(ValidationHistory? history) => history is { BestStep: { } step, Best: { } value } ? new BestValidation(step, history.Metric, value) : null;
}
