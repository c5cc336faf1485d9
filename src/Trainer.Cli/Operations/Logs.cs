using Microsoft.Extensions.Logging;

namespace LstmCluster.Cli.Operations;

/// <summary>Every kind of log line: its number, level, words and the names of its values. Numbers are never used again for something else.</summary>
static partial class Logs
{
    [LoggerMessage(1, LogLevel.Error, "{Message}")]
    public static partial void Failed(ILogger logger, string message);

    [LoggerMessage(2, LogLevel.Information, "{Message}")]
    public static partial void Said(ILogger logger, string message);

    [LoggerMessage(10, LogLevel.Information, "run {Run} of job {Job} goes on after step {Step} of {Steps}: {Parameters} parameters, {Shards} shards, {Workers} workers of its own")]
    public static partial void Started(ILogger logger, string run, string job, long step, long steps, int parameters, int shards, int workers);

    [LoggerMessage(11, LogLevel.Information, "listening for workers on {Address}")]
    public static partial void Listening(ILogger logger, string address);

    [LoggerMessage(12, LogLevel.Information, "pages on {Address}")]
    public static partial void Serving(ILogger logger, string address);

    [LoggerMessage(13, LogLevel.Debug, "step {Step}: loss {TrainLoss}, gradient norm {GradientNorm}, {TokensPerSecond} tokens/s")]
    public static partial void Step(ILogger logger, long step, double trainLoss, double gradientNorm, double tokensPerSecond);

    [LoggerMessage(14, LogLevel.Information, "validation after step {Step}: loss {ValidationLoss}, in {Seconds} s")]
    public static partial void Validation(ILogger logger, long step, double validationLoss, double seconds);

    [LoggerMessage(20, LogLevel.Information, "checkpoint after step {Step} is complete: {Path}, in {Seconds} s")]
    public static partial void Checkpoint(ILogger logger, long step, string path, double seconds);

    [LoggerMessage(21, LogLevel.Error, "the checkpoint after step {Step} could not be written: {Reason}")]
    public static partial void CheckpointFailed(ILogger logger, long step, string reason);

    [LoggerMessage(22, LogLevel.Warning, "{Reason}; the checkpoint before it is used")]
    public static partial void CheckpointRefused(ILogger logger, string reason);

    [LoggerMessage(30, LogLevel.Information, "worker {Worker} on {Device} has joined, now {Workers}")]
    public static partial void WorkerJoined(ILogger logger, string worker, string device, int workers);

    [LoggerMessage(31, LogLevel.Warning, "worker {Worker} is lost in step {Step} with shards {Shards} ({Reason}), now {Workers}")]
    public static partial void WorkerLost(ILogger logger, string worker, long step, string shards, string reason, int workers);

    [LoggerMessage(32, LogLevel.Warning, "step {Step}: what worker {Worker} computed for shards {Shards} is refused ({Reason})")]
    public static partial void GradientRefused(ILogger logger, long step, string worker, string shards, string reason);

    [LoggerMessage(33, LogLevel.Warning, "{Notice}")]
    public static partial void Noticed(ILogger logger, string notice);

    [LoggerMessage(40, LogLevel.Information, "run {Run} is done after step {Step}: validation loss {ValidationLoss}, {TokensPerSecond} tokens/s, weights {WeightsSha256}")]
    public static partial void Finished(ILogger logger, string run, long step, double? validationLoss, double tokensPerSecond, string weightsSha256);

    [LoggerMessage(41, LogLevel.Information, "run {Run} was stopped after step {Step}, with its checkpoint: {Checkpointed}")]
    public static partial void Interrupted(ILogger logger, string run, long step, bool checkpointed);

    [LoggerMessage(42, LogLevel.Error, "the run failed at step {Step}: {Reason}; newest good checkpoint: {Checkpoint}")]
    public static partial void RunFailed(ILogger logger, long step, string reason, string checkpoint);

    [LoggerMessage(34, LogLevel.Error, "the coordinator is lost ({Reason}); another one goes on after step {Step} in term {Term}")]
    public static partial void Restarted(ILogger logger, long step, long term, string reason);

    [LoggerMessage(43, LogLevel.Error, "another coordinator has the run since step {Step}, and that of term {Term} ends: {Reason}")]
    public static partial void Deposed(ILogger logger, long step, long term, string reason);

    [LoggerMessage(50, LogLevel.Error, "actor {Actor} failed, and what follows is {Directive}")]
    public static partial void ActorFailed(ILogger logger, Exception failure, string actor, string directive);
}
