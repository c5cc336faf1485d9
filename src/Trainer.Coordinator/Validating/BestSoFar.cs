using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The coordinator's part that knows after which step the model was the best, and whether there is any use in going on.</summary>
/// <remarks>It hears of validations only, each once, so that it is the same for any number of workers and however often the run is resumed.</remarks>
sealed class BestSoFar
{
    readonly TrainingPlan _plan;

    /// <param name="plan">The job's plan.</param>
    /// <param name="before">What validations have shown before; null for nothing. Where they were judged by another figure they say nothing.</param>
    public BestSoFar(TrainingPlan plan, ValidationHistory? before)
    {
        _plan = plan;
        History = IsAsked && before?.Metric == plan.Scoring!.Metric ? before : null;
    }

    /// <summary>What validations have shown so far; null where nothing depends on it, or before the first.</summary>
    public ValidationHistory? History { get; private set; }

    /// <summary>True where something depends on it.</summary>
    public bool IsAsked => _plan.Scoring is not null && (_plan.KeepsBest || _plan.Patience > 0);

    /// <summary>The step after which the weights were the best, where they are kept.</summary>
    public Step? Kept => _plan.KeepsBest && History?.BestStep is { } step ? new Step(step) : null;

    /// <summary>True when the run is to end before its last step.</summary>
    public bool IsEnough => _plan.Patience > 0 && History?.SinceBest >= _plan.Patience;

    /// <summary>
    /// True when a validation should have been made after a step and was not seen here: the run was stopped, or its coordinator lost, between the two. Or it was seen, and the weights that it found
    /// worse than the best ones are all that there is.
    /// </summary>
    public bool IsMissing(Step applied) =>
        IsAsked && applied.Value > 0 && _plan.ValidateEvery > 0 && applied.Value % _plan.ValidateEvery == 0 && (History?.LastStep != applied.Value || (_plan.KeepsBest && IsSoughtAnew));

    bool IsSoughtAnew => History is { BestStep: null, LostBest: not null };

    /// <summary>Takes in a validation. One that is made again because a run that had ended is resumed counts once.</summary>
    /// <returns>The validation, which knows now whether it was the best.</returns>
    public ValidationCompleted Take(ValidationCompleted validation)
    {
        if (!IsAsked) return validation;
        if (History?.LastStep != validation.Step || IsSoughtAnew) History = After(validation);
        return validation with { IsBest = History!.BestStep == validation.Step };
    }

    ValidationHistory After(ValidationCompleted validation)
    {
        var (scoring, figure) = (_plan.Scoring!, _plan.Scoring!.FigureOf(validation));
        var before = History ?? new ValidationHistory(scoring.Metric, LastStep: 0);
        bool isBest = double.IsFinite(figure) && (before.Best is not { } best || scoring.IsBetter(figure, best)), isBestOfAll = isBest && (before.LostBest is not { } lost || scoring.IsBetter(figure, lost));
        var after = before with
        {
            LastStep = validation.Step,
            LostBest = isBestOfAll ? null : before.LostBest,
            SinceBest = isBestOfAll ? 0 : before.SinceBest + (before.LastStep == validation.Step ? 0 : 1),
        };
        return isBest ? after with { BestStep = validation.Step, Best = figure, BestLoss = validation.ValidationLoss } : after;
    }
}
