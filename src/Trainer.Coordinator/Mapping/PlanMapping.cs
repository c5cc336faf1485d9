using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>From a job to what the coordinator does for it.</summary>
public static class PlanMapping
{
    // A model that is this many times worse than guessing is lost; a healthy one never gets near.
    const double LossLimitOverGuessing = 100;

    /// <summary>What the coordinator does for a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="encoding">What its data made of tokens and classes.</param>
    /// <param name="run">The run directory, as it is shown.</param>
    public static TrainingPlan Of(Job job, DataEncoding encoding, string run)
    {
        ArgumentNullException.ThrowIfNull(job);
        var (training, outputs) = (job.Training, ModelMapping.Outputs(job, encoding));
        return new TrainingPlan(
            run, training.Steps, training.Shards, training.Optimizer.Rate, ScheduleOf(training.Schedule, training.Steps), training.Clip,
            training.Checkpoint.Every, training.Validate.Every, LossLimit(job, outputs), TimeSpan.FromMinutes(10),
            Averaged: training.Average is AverageByDecay, HasClasses: job.Task.HasClasses)
        {
            Scoring = new ValidationScoring(job, encoding),
            KeepsBest = training.KeepBest,
            Patience = training.StopEarly.Patience,
        };
    }

    /// <summary>Mean loss above which training counts as diverged. Numbers have no scale that would tell what guessing costs, so that only what is not finite counts.</summary>
    static double LossLimit(Job job, int outputs) => job switch
    {
        { Model.Loss: BinaryCrossEntropyOptions } => LossLimitOverGuessing * Math.Log(2),
        { Task.HasClasses: false } => double.MaxValue,
        _ => LossLimitOverGuessing * Math.Log(Math.Max(2, outputs)),
    };

    static Schedule ScheduleOf(ScheduleOptions options, long steps) => options switch
    {
        ConstantScheduleOptions => new ConstantSchedule(),
        WarmupScheduleOptions warmUp => new WarmUpSchedule(warmUp.Steps),
        CosineScheduleOptions cosine => new CosineSchedule(cosine.Steps ?? steps, cosine.Warmup, cosine.Floor),
        StepScheduleOptions step => new StepSchedule(step.Every, step.Factor),
        _ => throw new NotSupportedException($"no schedule for {options}"),
    };
}
