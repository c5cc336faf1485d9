using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Judges a model's outputs by what its task is judged by, batch after batch in the order of the held-out part.</summary>
abstract class Judge
{
    /// <summary>Makes the judge of a task.</summary>
    /// <exception cref="UserErrorException">The season does not fit the task's windows.</exception>
    public static Judge Of(TrainedModel trained, JobData data, int season, EvaluationSlots slots) => (trained.Job.Task, data) switch
    {
        (LanguageModelTask, _) => new TokenJudge(trained.Model.Outputs, trained.Encoding.Inputs!),
        (ClassifierTask or TaggerTask, _) => new ClassJudge(trained.Model.Outputs),
        (RegressorTask task, _) => new NumberJudge(trained.Model.Outputs, trained.Job.Model.Loss is BinaryCrossEntropyOptions, task.Tolerance),
        (WindowTask task, SampleData { Windows: { } table, Validation: { } windows } samples) =>
            new WindowJudge(task, table, windows, SeasonalNaive.Scales(table, task, samples.Training, season), season),
        (SequenceToSequenceTask, SampleData { Validation: { } pairs }) => new SequenceJudge(trained, pairs, slots),
        _ => throw new NotSupportedException($"nothing to judge {trained.Job.Task} by"),
    };

    /// <summary>Takes in a batch.</summary>
    /// <param name="outputs">[positions,outputs] of the model.</param>
    /// <param name="batch">Inputs and targets.</param>
    /// <param name="rows">N.</param>
    public abstract void Take(ReadOnlySpan<float> outputs, in Batch batch, int rows);

    /// <summary>Adds the judgement to an evaluation.</summary>
    public abstract Evaluation Complete(Evaluation evaluation);
}

/// <summary>Which class is taken for which.</summary>
/// <param name="classes">Classes.</param>
sealed class ClassJudge(int classes) : Judge
{
    readonly ClassScore _score = new(classes);

    public override void Take(ReadOnlySpan<float> outputs, in Batch batch, int rows) => _score.Take(outputs, batch, rows, new RowRange(0, rows));

    public override Evaluation Complete(Evaluation evaluation) => evaluation with { Accuracy = _score.Matrix.Accuracy, Classes = _score.Matrix };
}
