using LstmCluster.Training;

namespace LstmCluster.Cli.Display;

/// <summary>What a validation tells besides its loss, in words.</summary>
/// <param name="Accuracy">Share of the targets that are told right; null where there is none.</param>
/// <param name="MacroF1">Mean F1 of the classes; null where there are none.</param>
/// <param name="Mae">Mean absolute error; null where targets are classes.</param>
/// <param name="Rmse">Root of the mean squared error; null where targets are classes.</param>
readonly record struct ValidationFigures(double? Accuracy, double? MacroF1, double? Mae, double? Rmse)
{
    /// <summary>Those of a validation.</summary>
    public static ValidationFigures Of(ValidationCompleted validation) => new(validation.Accuracy, validation.MacroF1, validation.Mae, validation.Rmse);

    /// <summary>One text for each figure that there is.</summary>
    public IEnumerable<string> Texts()
    {
        if (Accuracy is { } accuracy) yield return $"accuracy {Numbers.Percent(accuracy, 2)}";
        if (MacroF1 is { } f1) yield return $"mean F1 {Numbers.Percent(f1, 2)}";
        if (Mae is { } mae) yield return $"MAE {Numbers.Loss(mae)}";
        if (Rmse is { } rmse) yield return $"RMSE {Numbers.Loss(rmse)}";
    }
}
