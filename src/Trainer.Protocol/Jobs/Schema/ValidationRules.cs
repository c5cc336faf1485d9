namespace LstmCluster.Protocol;

/// <summary>What can be decided by validations: the task must have the figure, and there must be validations to decide by.</summary>
static class ValidationRules
{
    /// <summary>The figures as a job file names them.</summary>
    public static ChoiceValue<ValidationMetric> Metrics { get; } = new(
        ("loss", ValidationMetric.Loss), ("accuracy", ValidationMetric.Accuracy), ("f1", ValidationMetric.F1),
        ("mae", ValidationMetric.MeanAbsoluteError), ("rmse", ValidationMetric.RootMeanSquareError));

    /// <exception cref="UserErrorException">A key asks for what the task or the validations do not give.</exception>
    public static void Check(Job job, SectionPlaces places)
    {
        var validate = job.Training.Validate;
        var metrics = MetricsOf(job.Task);
        if (!metrics.Contains(validate.Metric))
            throw places.Error("training.validate.metric", $"must be {string.Join(" or ", metrics.Select(Metrics.WordOf))} for a {JobSchema.NameOf(job.Task)}, got {Metrics.WordOf(validate.Metric)}");
        if (validate.Class is not null && validate.Metric != ValidationMetric.F1)
            throw places.Error("training.validate.class", $"names the class whose F1 counts, and what counts is {Metrics.WordOf(validate.Metric)}: it needs training.validate.metric: f1");
        if (job.Training.KeepBest) RequireValidations("training.keepBest");
        if (job.Training.StopEarly.Patience > 0) RequireValidations("training.stopEarly.patience");

        void RequireValidations(string key)
        {
            if (validate.Every == 0) throw places.Error(key, "is decided by validations on the way: training.validate.every must be positive, got 0");
            if (job.Data.Validation == 0) throw places.Error(key, "is decided by validations: data.validation must be above 0, got 0");
        }
    }

    static ValidationMetric[] MetricsOf(TaskOptions task) => task switch
    {
        ClassifierTask or TaggerTask => [ValidationMetric.Loss, ValidationMetric.Accuracy, ValidationMetric.F1],
        SequenceToSequenceTask => [ValidationMetric.Loss, ValidationMetric.Accuracy],
        RegressorTask or WindowTask => [ValidationMetric.Loss, ValidationMetric.MeanAbsoluteError, ValidationMetric.RootMeanSquareError],
        _ => [ValidationMetric.Loss],
    };
}
