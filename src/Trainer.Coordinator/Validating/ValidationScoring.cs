using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>From the sums of a validation to the figures of its task.</summary>
/// <param name="job">The job.</param>
/// <param name="encoding">What its data made of classes and columns.</param>
public sealed class ValidationScoring(Job job, DataEncoding encoding)
{
    // An event is one line, which a person may read.
    const int MostClasses = 32;

    /// <summary>Begins to add up; null where all that is to be told follows from the loss.</summary>
    public TaskScore? Begin() => TaskScore.Of(job, ModelMapping.Outputs(job, encoding));

    /// <summary>Adds the task's figures to a validation.</summary>
    /// <param name="validation">The validation, with its loss.</param>
    /// <param name="score">What was added up; null for nothing.</param>
    public ValidationCompleted Complete(ValidationCompleted validation, TaskScore? score)
    {
        ArgumentNullException.ThrowIfNull(validation);
        return score switch
        {
            ClassScore { Matrix: var matrix } => validation with
            {
                Accuracy = matrix.Accuracy,
                MacroF1 = matrix.MacroF1,
                F1 = matrix.Classes > MostClasses ? null : new OrderedDictionary<string, double>(
                    from id in Enumerable.Range(0, matrix.Classes)
                    where matrix.F1(id) is not null
                    select new KeyValuePair<string, double>(encoding.Classes![id], matrix.F1(id)!.Value)),
            },
            TokenScore { Accuracy: var accuracy } => validation with { Accuracy = accuracy },
            ValueScore values => Complete(validation, values),
            _ => validation,
        };
    }

    /// <summary>Errors of all outputs together, each in the unit of its column.</summary>
    ValidationCompleted Complete(ValidationCompleted validation, ValueScore values)
    {
        double[] scales = encoding.Table is { } table ? [.. table.Targets.Select(column => column.Scale)] : [.. values.Errors.Select(_ => 1.0)];
        var (absolute, squared, count) = (0.0, 0.0, 0L);
        foreach (var (errors, scale) in values.Errors.Zip(scales))
            (absolute, squared, count) = (absolute + (scale * errors.AbsoluteSum), squared + (scale * scale * errors.SquaredSum), count + errors.Count);
        return validation with { Mae = absolute / count, Rmse = Math.Sqrt(squared / count) };
    }
}
