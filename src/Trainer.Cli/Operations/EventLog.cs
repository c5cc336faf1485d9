using LstmCluster.Training;
using Microsoft.Extensions.Logging;

namespace LstmCluster.Cli.Operations;

/// <summary>The events of a run as log lines.</summary>
/// <param name="logger">Where they go.</param>
sealed class EventLog(ILogger logger) : ITrainingObserver
{
    /// <inheritdoc/>
    public void On(TrainingEvent happened)
    {
        switch (happened)
        {
            case RunStarted e: Logs.Started(logger, e.Run, e.Name, e.Step, e.Steps, e.Parameters, e.Shards, e.Workers); break;
            case Listening e: Logs.Listening(logger, e.Address); break;
            case Serving e: Logs.Serving(logger, e.Address); break;
            case StepCompleted e: Logs.Step(logger, e.Step, e.TrainLoss, e.GradientNorm, e.TokensPerSecond); break;
            case ValidationCompleted e: Logs.Validation(logger, e.Step, e.ValidationLoss, e.Seconds); break;
            case CheckpointWritten e: Logs.Checkpoint(logger, e.Step, e.Path, e.Seconds); break;
            case CheckpointNotWritten e: Logs.CheckpointFailed(logger, e.Step, e.Reason); break;
            case CheckpointRefused e: Logs.CheckpointRefused(logger, e.Reason); break;
            case WorkerCame e: Logs.WorkerJoined(logger, e.Worker, e.Device, e.Workers); break;
            case WorkerWent e: Logs.WorkerLost(logger, e.Worker, e.Step, string.Join(',', e.Shards), e.Reason ?? "no reason given", e.Workers); break;
            case GradientRefused e: Logs.GradientRefused(logger, e.Step, e.Worker, string.Join(',', e.Shards), e.Reason); break;
            case Noticed e: Logs.Noticed(logger, e.Message); break;
            case RunRestarted e: Logs.Restarted(logger, e.Step, e.Term, e.Reason); break;
            case RunDeposed e: Logs.Deposed(logger, e.Step, e.Term, e.Reason); break;
            case RunFinished e: Logs.Finished(logger, e.Run, e.Step, e.ValidationLoss, e.TokensPerSecond, e.WeightsSha256); break;
            case RunInterrupted e: Logs.Interrupted(logger, e.Run, e.Step, e.Checkpointed); break;
            case RunFailed e: Logs.RunFailed(logger, e.Step, e.Reason, e.Checkpoint ?? "none"); break;
        }
    }
}
