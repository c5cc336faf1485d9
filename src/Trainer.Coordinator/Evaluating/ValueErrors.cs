using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>How far the numbers of a model are off.</summary>
/// <param name="All">All of them.</param>
/// <param name="Columns">Those of each output.</param>
public sealed record ValueErrors(RegressionErrors All, IReadOnlyList<ColumnErrors> Columns)
{
    /// <summary>How many are right to within the task's tolerance; null where it has none.</summary>
    public ToleranceErrors? Within { get; init; }
}

/// <summary>How far the numbers of one output are off.</summary>
/// <param name="Name">Name of the column, or the output's number from 1.</param>
/// <param name="Errors">The errors, in the unit of the column.</param>
public sealed record ColumnErrors(string Name, RegressionErrors Errors)
{
    /// <summary>Of a forecast that repeats the last season, for the numbers of which what it repeats is not missing; null where there is no series, or no such number.</summary>
    public RegressionErrors? SeasonalNaive { get; init; }

    /// <summary>The model's errors for the very numbers that <see cref="SeasonalNaive"/> tells: those of which what would be repeated is not missing. Null where that is.</summary>
    public RegressionErrors? BesideSeasonalNaive { get; init; }

    /// <summary>The model's mean absolute error as a share of the seasonal-naive forecast's, for the same numbers; null where there is none, or one without errors.</summary>
    public double? SeasonalNaiveShare => SeasonalNaive is { MeanAbsolute: > 0 and var naive } ? BesideSeasonalNaive!.MeanAbsolute / naive : null;

    /// <summary>Mean absolute scaled error, MASE: against repeating what was a season ago in what was trained on; null where there is no series, or one that repeats itself exactly.</summary>
    public double? Scaled { get; init; }

    /// <summary>Area under the ROC curve of an output that tells a probability of something that is so or not; null for others, or where all are one.</summary>
    public double? Area { get; init; }
}
