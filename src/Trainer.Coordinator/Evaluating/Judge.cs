using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Judges a model's outputs by what its task is judged by, batch after batch in the order of the held-out part.</summary>
abstract class Judge
{
    /// <summary>Makes the judge of a task.</summary>
    /// <exception cref="UserErrorException">The season does not fit the task's windows.</exception>
    public static Judge Of(TrainedModel trained, JobData data, int season) => (trained.Job.Task, data) switch
    {
        (LanguageModelTask, _) => new TokenJudge(trained.Model.Outputs),
        (ClassifierTask or TaggerTask, _) => new ClassJudge(trained.Model.Outputs),
        (RegressorTask, _) => new NumberJudge(trained.Model.Outputs, trained.Job.Model.Loss is BinaryCrossEntropyOptions),
        (WindowTask task, SampleData { Windows: { } table, Validation: { } windows } samples) =>
            new WindowJudge(task, table, windows, SeasonalNaive.Scales(table, task, samples.Training, season), season),
        (SequenceToSequenceTask, SampleData { Validation: { } pairs }) => new SequenceJudge(trained, pairs),
        _ => throw new NotSupportedException($"nothing to judge {trained.Job.Task} by"),
    };

    /// <summary>Takes in a batch.</summary>
    /// <param name="outputs">[positions,outputs] of the model.</param>
    /// <param name="batch">Inputs and targets.</param>
    /// <param name="rows">N.</param>
    public abstract void Take(ReadOnlySpan<float> outputs, in Batch batch, int rows);

    /// <summary>Adds the judgement to an evaluation.</summary>
    public abstract Evaluation Complete(Evaluation evaluation);

    /// <summary>The class with the largest score; of equal ones the first.</summary>
    protected static int IndexOfLargest(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var index = 1; index < scores.Length; index++)
        {
            if (scores[index] > scores[best]) best = index;
        }

        return best;
    }
}

/// <summary>How often the likeliest token is the next one.</summary>
/// <param name="width">Tokens.</param>
sealed class TokenJudge(int width) : Judge
{
    long _right, _count;

    public override void Take(ReadOnlySpan<float> outputs, in Batch batch, int rows)
    {
        for (var position = 0; position < batch.Classes.Length; position++)
        {
            if (batch.Classes[position] < 0) continue;
            _count++;
            if (IndexOfLargest(outputs.Slice(position * width, width)) == batch.Classes[position]) _right++;
        }
    }

    public override Evaluation Complete(Evaluation evaluation) => evaluation with { Accuracy = (double)_right / _count };
}

/// <summary>Which class is taken for which.</summary>
/// <param name="width">Classes.</param>
sealed class ClassJudge(int width) : Judge
{
    readonly ConfusionMatrix _matrix = new(width);

    public override void Take(ReadOnlySpan<float> outputs, in Batch batch, int rows)
    {
        for (var position = 0; position < batch.Classes.Length; position++)
        {
            if (batch.Classes[position] >= 0) _matrix.Add(batch.Classes[position], IndexOfLargest(outputs.Slice(position * width, width)));
        }
    }

    public override Evaluation Complete(Evaluation evaluation) => evaluation with { Accuracy = _matrix.Accuracy, Classes = _matrix };
}
