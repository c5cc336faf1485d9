using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Cli.Display;

/// <summary>How bad a message is.</summary>
enum Tone
{
    Plain,
    Good,
    Warning,
}

/// <summary>Events in words, one line each.</summary>
/// <param name="job">The job, which knows what a token is.</param>
sealed class Wording(Job job)
{
    /// <summary>What a loss is counted over, in one word.</summary>
    public string TargetName => job.Task switch
    {
        LanguageModelTask => TokenName,
        ClassifierTask => "sequence",
        RegressorTask or WindowTask => "number",
        _ => "token",
    };

    /// <summary>True when a loss is the negative logarithm of a probability.</summary>
    public bool LossIsInNats => job.Task.HasClasses;

    /// <summary>True when a loss is that of a choice among many at each step, for which its exponential is customary.</summary>
    public bool HasPerplexity => job.Task is LanguageModelTask or SequenceToSequenceTask;

    /// <summary>What is counted by the second.</summary>
    public string Speed => job.Task is LanguageModelTask ? "tokens/s" : $"{TargetName}s/s";

    /// <summary>What one token of the input is, in one word.</summary>
    string TokenName => job.Data.Tokens switch
    {
        TokenKind.Byte => "byte",
        TokenKind.Word => "word",
        TokenKind.Subword => "token",
        TokenKind.Numbers => "time step",
        _ => "character",
    };

    /// <summary>The beginning of a run.</summary>
    public IReadOnlyList<string> Begin(RunStarted run) =>
    [
        $"{run.Name}: {Numbers.Count(run.Parameters)} parameters{(run.Vocabulary > 0 ? $", {Numbers.Count(run.Vocabulary)} distinct {TokenName}s" : "")}",
        run.TrainingRows is { } rows
            ? $"{Numbers.Count(rows)} rows with {Numbers.Count(run.TrainingTokens)} {TokenName}s to train on, {Numbers.Count(run.ValidationRows ?? 0)} rows held out"
            : $"{Numbers.Count(run.TrainingTokens)} {TokenName}s to train on, {Numbers.Count(run.ValidationTokens)} held out",
        $"{(run.Step > 0 ? $"resumed after step {Numbers.Count(run.Step)}" : "training")} in {run.Run} with {Workers(run.Workers)}",
    ];

    /// <summary>An event that is told in a line of its own; null for the others.</summary>
    public (string Text, Tone Tone)? Of(TrainingEvent happened) => happened switch
    {
        ValidationCompleted v => ($"validation after step {Numbers.Count(v.Step)}: {string.Join(", ", Figures(v))}", Tone.Good),
        CheckpointWritten c => ($"checkpoint after step {Numbers.Count(c.Step)}", Tone.Plain),
        CheckpointNotWritten c => ($"the checkpoint after step {Numbers.Count(c.Step)} could not be written: {c.Reason}", Tone.Warning),
        CheckpointRefused c => ($"{c.Reason}; the one before it is used", Tone.Warning),
        WorkerWent w => ($"{w.Worker} is lost in step {Numbers.Count(w.Step)} ({w.Reason ?? "no reason given"}), {(w.Workers == 0 ? "none" : Workers(w.Workers))} left", Tone.Warning),
        GradientRefused g => ($"step {Numbers.Count(g.Step)}: what {g.Worker} computed for shard {string.Join(", ", g.Shards)} is refused ({g.Reason}), computing it again", Tone.Warning),
        Serving s => ($"pages on {s.Address}", Tone.Plain),
        RunRestarted r => ($"{r.Reason}: going on after step {Numbers.Count(r.Step)} with a new coordinator (term {r.Term})", Tone.Warning),
        Listening l => ($"listening on {l.Address}", Tone.Plain),
        Noticed n => (n.Message, Tone.Warning),
        _ => null,
    };

    /// <summary>The end of a run that is done.</summary>
    public IReadOnlyList<string> End(RunFinished run) =>
    [
        $"done: {Numbers.Count(run.Step)} steps in {Numbers.Time(run.Seconds)}, {Numbers.Count(run.TokensPerSecond)} {Speed}"
            + (run.ValidationLoss is { } loss ? $", validation loss {Numbers.Loss(loss)}" : ""),
        .. run.StoppedEarly == true ? new[] { $"stopped early: {Numbers.Count(job.Training.StopEarly.Patience)} validations in a row brought nothing better" } : [],
        .. run.Best is { } best ? new[] { $"best:     after step {Numbers.Count(best.Step)}, {best.Metric} {Numbers.Loss(best.Value)}: its weights are the result" } : [],
        $"weights:  {Path.Combine(run.Run, RunDirectory.WeightsFile)} (sha256 {run.WeightsSha256[..16]}...)",
        job.Task is LanguageModelTask ? $"generate: {CommandLine.Name} generate {run.Run}" : $"evaluate: {CommandLine.Name} eval {run.Run}",
    ];

    /// <summary>The end of a run that was asked to stop.</summary>
    public static IReadOnlyList<string> End(RunInterrupted run) =>
    [
        $"stopped after step {Numbers.Count(run.Step)}, with a checkpoint in {run.Run}",
        "go on:    the same command with --resume",
    ];

    IEnumerable<string> Figures(ValidationCompleted validation)
    {
        yield return $"loss {Numbers.Loss(validation.ValidationLoss)}";
        if (job.Task is LanguageModelTask) yield return $"{Numbers.Loss(validation.BitsPerToken!.Value)} bits/{TokenName}";
        if (HasPerplexity && job is not { Task: LanguageModelTask, Data.Tokens: TokenKind.Character or TokenKind.Byte }) yield return $"perplexity {Numbers.Loss(validation.Perplexity!.Value)}";
        foreach (var text in ValidationFigures.Of(validation).Texts()) yield return text;
        if (validation.RightSequences is { } right) yield return $"{Numbers.Count(right)} sequences right";
        if (validation.IsBest == true) yield return "the best so far";
    }

    static string Workers(int count) => count == 0 ? "no worker of its own" : count == 1 ? "1 worker" : $"{Numbers.Count(count)} workers";
}
