using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>What every simulation of a job is compared with: the same job with one worker and nothing that goes wrong.</summary>
/// <param name="job">The job.</param>
/// <param name="steps">After each step, from 0 on.</param>
/// <param name="sums">Sums of squares of the summed gradient, by block; the one of step 1 first.</param>
/// <param name="completed">What was told of each step; the one of step 1 first.</param>
/// <param name="validations">What was told of each validation, by the step after which it was.</param>
/// <param name="weightsSha256">Of the result.</param>
public sealed class ReferenceRun(
    SimulatedJob job, IReadOnlyList<StepRecord> steps, IReadOnlyList<ReadOnlyMemory<double>> sums, IReadOnlyList<StepCompleted> completed,
    IReadOnlyDictionary<long, ValidationCompleted> validations, string weightsSha256)
{
    /// <summary>The job.</summary>
    public SimulatedJob Job => job;

    /// <summary>Steps of the job.</summary>
    public long Steps => steps.Count - 1;

    /// <summary>Hash of the result.</summary>
    public string WeightsSha256 => weightsSha256;

    /// <summary>The run after a step.</summary>
    /// <returns>Null where the job has no such step.</returns>
    public StepRecord? After(Step step) => step.Value >= 0 && step.Value < steps.Count ? steps[(int)step.Value] : null;

    /// <summary>Sums of squares of a step's summed gradient, by block of the whole vector.</summary>
    public ReadOnlyMemory<double> SumOf(Step step) => sums[(int)step.Value - 1];

    /// <summary>What was told of a step.</summary>
    public StepCompleted Completed(Step step) => completed[(int)step.Value - 1];

    /// <summary>What was told of the validation after a step; null where there is none.</summary>
    public ValidationCompleted? Validation(Step step) => validations.GetValueOrDefault(step.Value);

    /// <summary>Runs a job undisturbed.</summary>
    /// <param name="job">The job.</param>
    /// <exception cref="InvalidOperationException">It did not end well.</exception>
    public static ReferenceRun Of(SimulatedJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        var recording = new ReferenceRecording();

        // A checkpoint at every step brings everything that there is to compare; it changes no result.
        var everyStep = new SimulatedJob(job.Job with { Training = job.Job.Training with { Checkpoint = new CheckpointOptions { Every = new CheckpointBySteps(1) } } }, job.Data);
        using var simulation = new ClusterSimulation(everyStep, new SimulationOptions { Workers = 1, ParameterServers = 1, Standbys = 0, Faults = FaultKinds.None, Seed = 1 }, null, [recording], null);
        var end = simulation.RunToEnd();
        if (end.Violation is { } violation) throw new InvalidOperationException($"the undisturbed run fails: {violation}");
        return recording.ToReference(job, simulation.Events);
    }
}
