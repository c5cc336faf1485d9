using System.Diagnostics.Metrics;

namespace LstmCluster.Training;

/// <summary>A run as metrics of the meter <c>LstmCluster.Training</c>, named as OpenTelemetry recommends; docs/operations.md lists them.</summary>
/// <remarks>Made of what observers are told, so that the coordinator spends no time on it.</remarks>
public sealed class TrainingMetrics : ITrainingObserver, IWorkObserver, IDisposable
{
    /// <summary>Name of the meter (System.Diagnostics.Metrics).</summary>
    public const string MeterName = "LstmCluster.Training";

    const string Prefix = "lstm_cluster.";

    // From a small model's shard on a fast machine to a large model's step on a slow one.
    static readonly double[] s_shortSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
    static readonly double[] s_longSeconds = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

    readonly Meter _meter = new(MeterName);
    readonly Counter<long> _steps, _tokens, _joined, _lost, _rejected, _reissued, _helped, _checkpointFailures, _restarts;
    readonly Counter<double> _computed, _waited;
    readonly Histogram<double> _stepDuration, _shardDuration, _checkpointDuration, _validationDuration;
    readonly Gauge<double> _loss, _validationLoss, _accuracy, _f1, _mae, _rmse, _norm, _appliedNorm, _rate, _speed, _epoch;
    readonly Gauge<long> _workers, _step, _term, _checkpointStep;

    /// <summary>Metrics that are there from now on.</summary>
    public TrainingMetrics()
    {
        _steps = _meter.CreateCounter<long>(Prefix + "steps", "{step}", "Training steps applied by this process.");
        _tokens = _meter.CreateCounter<long>(Prefix + "tokens", "{token}", "Targets trained on by this process.");
        _joined = _meter.CreateCounter<long>(Prefix + "workers.joined", "{worker}", "Workers that joined, again ones included.");
        _lost = _meter.CreateCounter<long>(Prefix + "workers.lost", "{worker}", "Workers that were lost.");
        _rejected = _meter.CreateCounter<long>(Prefix + "gradients.rejected", "{shard}", "Shards whose loss or gradient was refused and computed again.");
        _reissued = _meter.CreateCounter<long>(Prefix + "shards.reissued", "{shard}", "Shards assigned again, because a worker was lost or what it sent was lost or refused.");
        _helped = _meter.CreateCounter<long>(Prefix + "shards.helped", "{shard}", "Shards of a slow worker that another one, which had nothing to do, computed as well.");
        _checkpointFailures = _meter.CreateCounter<long>(Prefix + "checkpoint.failures", "{checkpoint}", "Checkpoints that could not be written.");
        _restarts = _meter.CreateCounter<long>(Prefix + "coordinator.restarts", "{restart}", "Coordinators of this process that were lost and begun anew.");
        _computed = _meter.CreateCounter<double>(Prefix + "worker.compute.time", "s", "Time that a worker computed.");
        _waited = _meter.CreateCounter<double>(Prefix + "worker.wait.time", "s", "Time that a worker waited, by whom it waited for.");
        _stepDuration = Duration("step.duration", "From the first assignment of a step's shards to its weights.", s_shortSeconds);
        _shardDuration = Duration("shard.compute.duration", "Time that a worker computed for a shard of a step, on average over its shards.", s_shortSeconds);
        _checkpointDuration = Duration("checkpoint.duration", "Time that writing a checkpoint took.", s_longSeconds);
        _validationDuration = Duration("validation.duration", "Time that a validation took.", s_longSeconds);
        _loss = _meter.CreateGauge<double>(Prefix + "loss.train", null, "Mean loss of the last step's targets.");
        _validationLoss = _meter.CreateGauge<double>(Prefix + "loss.validation", null, "Mean loss of the held-out targets.");
        _accuracy = _meter.CreateGauge<double>(Prefix + "validation.accuracy", null, "Share of the held-out targets that are told right.");
        _f1 = _meter.CreateGauge<double>(Prefix + "validation.f1", null, "Mean F1 of the held-out classes.");
        _mae = _meter.CreateGauge<double>(Prefix + "validation.mae", null, "Mean absolute error on the held-out part, in the units of the data.");
        _rmse = _meter.CreateGauge<double>(Prefix + "validation.rmse", null, "Root of the mean squared error on the held-out part, in the units of the data.");
        _norm = _meter.CreateGauge<double>(Prefix + "gradient.norm", null, "L2 norm of the averaged gradient before clipping.");
        _appliedNorm = _meter.CreateGauge<double>(Prefix + "gradient.norm.applied", null, "L2 norm of the gradient after clipping.");
        _rate = _meter.CreateGauge<double>(Prefix + "learning.rate", null, "Learning rate of the last step.");
        _speed = _meter.CreateGauge<double>(Prefix + "throughput", "{token}/s", "Targets per second of the last step.");
        _epoch = _meter.CreateGauge<double>(Prefix + "epoch", "{epoch}", "Passes over the data.");
        _workers = _meter.CreateGauge<long>(Prefix + "workers", "{worker}", "Workers that are ready.");
        _step = _meter.CreateGauge<long>(Prefix + "step", "{step}", "The last step applied.");
        _term = _meter.CreateGauge<long>(Prefix + "coordinator.term", "{term}", "Number of the coordinator's reign; it only grows.");
        _checkpointStep = _meter.CreateGauge<long>(Prefix + "checkpoint.step", "{step}", "Step of the newest checkpoint that is complete on disk.");

        // So that the first failure is an increase and not a new series.
        _steps.Add(0);
        _tokens.Add(0);
        _joined.Add(0);
        _lost.Add(0);
        _rejected.Add(0);
        _reissued.Add(0);
        _helped.Add(0);
        _checkpointFailures.Add(0);
        _restarts.Add(0);
        _workers.Record(0);
    }

    /// <inheritdoc/>
    public void On(TrainingEvent happened)
    {
        switch (happened)
        {
            case RunStarted started:
                _step.Record(started.Step);
                _term.Record(started.Term);
                if (started.Step > 0) _checkpointStep.Record(started.Step);
                break;
            case StepCompleted step: Take(step); break;
            case ValidationCompleted validation:
                _validationLoss.Record(validation.ValidationLoss);
                _validationDuration.Record(validation.Seconds);
                Record(_accuracy, validation.Accuracy);
                Record(_f1, validation.MacroF1);
                Record(_mae, validation.Mae);
                Record(_rmse, validation.Rmse);
                break;
            case CheckpointWritten checkpoint:
                _checkpointStep.Record(checkpoint.Step);
                _checkpointDuration.Record(checkpoint.Seconds);
                break;
            case CheckpointNotWritten: _checkpointFailures.Add(1); break;
            case WorkerCame came:
                _joined.Add(1);
                _workers.Record(came.Workers);
                break;
            case WorkerWent went:
                _lost.Add(1);
                _workers.Record(went.Workers);
                break;
            case RunRestarted restarted:
                _restarts.Add(1);
                _term.Record(restarted.Term);
                _step.Record(restarted.Step);
                break;
            case GradientRefused refused: _rejected.Add(refused.Shards.Count); break;
            case ShardsReissued again: _reissued.Add(again.Shards.Count); break;
            case ShardsHelped slow: _helped.Add(slow.Shards.Count); break;
        }
    }

    /// <inheritdoc/>
    public void On(StepWork work)
    {
        ArgumentNullException.ThrowIfNull(work);
        _stepDuration.Record(work.Seconds);
        foreach (var worker in work.Workers)
        {
            var name = new KeyValuePair<string, object?>("worker", worker.Worker);
            _computed.Add(worker.ComputeSeconds, name);
            for (var shard = 0; shard < worker.Shards; shard++) _shardDuration.Record(worker.ComputeSeconds / worker.Shards);
            foreach (var wait in worker.Waits) _waited.Add(wait.Seconds, name, new("waited_on", wait.On));
        }
    }

    /// <summary>Takes the metrics away.</summary>
    public void Dispose() => _meter.Dispose();

    void Take(StepCompleted step)
    {
        _steps.Add(1);
        _tokens.Add(step.Tokens);
        _step.Record(step.Step);
        _epoch.Record(step.Epoch);
        _loss.Record(step.TrainLoss);
        _norm.Record(step.GradientNorm);
        _appliedNorm.Record(step.AppliedNorm);
        _rate.Record(step.Rate);
        _speed.Record(step.TokensPerSecond);
        _workers.Record(step.Workers);
    }

    /// <summary>A figure that the task does not have stays away.</summary>
    static void Record(Gauge<double> gauge, double? figure)
    {
        if (figure is { } value) gauge.Record(value);
    }

    Histogram<double> Duration(string name, string description, double[] boundaries) => _meter.CreateHistogram(
        Prefix + name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = boundaries });
}
