using LstmCluster.Compute;
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

    readonly ValidateOptions _validate = job.Training.Validate;

    /// <summary>What the best validation is decided by, in words.</summary>
    public string Metric => _validate switch
    {
        { Metric: ValidationMetric.F1, Class: { } name } => $"F1 of {name}",
        { Metric: ValidationMetric.F1 } => "mean F1",
        { Metric: ValidationMetric.Accuracy } => "accuracy",
        { Metric: ValidationMetric.MeanAbsoluteError } => "MAE",
        { Metric: ValidationMetric.RootMeanSquareError } => "RMSE",
        _ => "loss",
    };

    /// <summary>Refuses a class that the data do not have.</summary>
    /// <param name="job">The job.</param>
    /// <param name="encoding">What its data made of classes.</param>
    /// <exception cref="UserErrorException">There is no class of the name in <c>training.validate.class</c>.</exception>
    public static void Check(Job job, DataEncoding encoding)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(encoding);
        if (job.Training.Validate.Class is not { } name || encoding.Classes is not { } classes || classes.IdOf(name) >= 0) return;
        var known = string.Join(", ", Enumerable.Range(0, Math.Min(classes.Count, MostClasses)).Select(id => classes[id]));
        throw new UserErrorException($"training.validate.class must be a class of {job.Data.Source}, got \"{name}\": there are {known}{(classes.Count > MostClasses ? ", and others" : "")}");
    }

    /// <summary>What a validation is judged by.</summary>
    public double FigureOf(ValidationCompleted validation)
    {
        ArgumentNullException.ThrowIfNull(validation);
        var figure = _validate switch
        {
            { Metric: ValidationMetric.F1, Class: { } name } => validation.F1?.TryGetValue(name, out var f1) ?? false ? f1 : null,
            { Metric: ValidationMetric.F1 } => validation.MacroF1,
            { Metric: ValidationMetric.Accuracy } => validation.Accuracy,
            { Metric: ValidationMetric.MeanAbsoluteError } => validation.Mae,
            { Metric: ValidationMetric.RootMeanSquareError } => validation.Rmse,
            _ => validation.ValidationLoss,
        };
        return figure ?? double.NaN;
    }

    /// <summary>True when a figure is better than another.</summary>
    public bool IsBetter(double figure, double than) =>
        _validate.Metric is ValidationMetric.Accuracy or ValidationMetric.F1 ? figure > than : figure < than;

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
                F1 = F1Of(matrix),
            },
            TokenScore { Accuracy: var accuracy } => validation with { Accuracy = accuracy },
            ValueScore values => Complete(validation, values),
            _ => validation,
        };
    }

    /// <summary>Of many classes only that which the best validation is decided by.</summary>
    OrderedDictionary<string, double>? F1Of(ConfusionMatrix matrix)
    {
        var classes = encoding.Classes!;
        if (classes.Count > MostClasses && _validate.Class is null) return null;
        var found = new OrderedDictionary<string, double>();
        for (var id = 0; id < classes.Count; id++)
        {
            if ((classes.Count <= MostClasses || classes[id] == _validate.Class) && matrix.F1(id) is { } f1) found.Add(classes[id], f1);
        }

        return found;
    }

    /// <summary>Errors of all outputs together, each in the unit of its column.</summary>
    ValidationCompleted Complete(ValidationCompleted validation, ValueScore values)
    {
        double[] scales = encoding.Table is { } table ? [.. table.Targets.Select(column => column.Scale)] : [.. values.Errors.Select(_ => 1.0)];
        var (absolute, squared, count) = (0.0, 0.0, 0L);
        foreach (var (errors, scale) in values.Errors.Zip(scales))
            (absolute, squared, count) = (absolute + (scale * errors.AbsoluteSum), squared + (scale * scale * errors.SquaredSum), count + errors.Count);
        return validation with { Mae = absolute / count, Rmse = Math.Sqrt(squared / count), RightSequences = values.RightSequences };
    }
}
