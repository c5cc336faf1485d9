using System.Globalization;
using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>How far the numbers of a regressor are off.</summary>
/// <param name="width">Outputs.</param>
/// <param name="areProbabilities">True where outputs are logits of probabilities.</param>
sealed class NumberJudge(int width, bool areProbabilities) : Judge
{
    readonly RegressionErrors _all = new();
    readonly RegressionErrors[] _errors = [.. Enumerable.Range(0, width).Select(_ => new RegressionErrors())];
    readonly List<(double Score, double Target)>[] _scores = [.. Enumerable.Range(0, width).Select(_ => new List<(double, double)>())];

    public override void Take(ReadOnlySpan<float> outputs, in Batch batch, int rows)
    {
        for (var at = 0; at < batch.Values.Length; at++)
        {
            double expected = batch.Values[at], told = areProbabilities ? 1 / (1 + Math.Exp(-outputs[at])) : outputs[at];
            _all.Add(expected, told);
            _errors[at % width].Add(expected, told);
            if (areProbabilities && !double.IsNaN(expected)) _scores[at % width].Add((told, expected));
        }
    }

    public override Evaluation Complete(Evaluation evaluation) => evaluation with
    {
        Values = new ValueErrors(
            _all, [.. _errors.Select((errors, output) => new ColumnErrors((output + 1).ToString(CultureInfo.InvariantCulture), errors) { Area = AreaOf(_scores[output]) })]),
    };

    /// <summary>Only of targets that are so or not.</summary>
    static double? AreaOf(List<(double Score, double Target)> scores) =>
        scores.TrueForAll(each => each.Target is 0 or 1)
            ? RocCurve.Area([.. scores.Select(each => each.Score)], [.. scores.Select(each => each.Target == 1)])
            : null;
}
