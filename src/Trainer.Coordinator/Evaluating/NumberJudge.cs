using System.Globalization;
using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>How far the numbers of a regressor are off.</summary>
/// <param name="width">Outputs.</param>
/// <param name="areProbabilities">True where outputs are logits of probabilities.</param>
/// <param name="tolerance">A number that is off by less is right; 0 where nobody asks.</param>
sealed class NumberJudge(int width, bool areProbabilities, double tolerance) : Judge
{
    readonly RegressionErrors _all = new();
    readonly RegressionErrors[] _errors = [.. Enumerable.Range(0, width).Select(_ => new RegressionErrors())];
    readonly List<(double Score, double Target)>[] _scores = [.. Enumerable.Range(0, width).Select(_ => new List<(double, double)>())];
    readonly ToleranceErrors? _within = tolerance > 0 ? new ToleranceErrors(tolerance) : null;

    public override void Take(ReadOnlySpan<float> outputs, in Batch batch, int rows)
    {
        // Positions are [T,N] or [1,N]: one row after the other, so that a sequence is judged as a whole.
        var stride = rows * width;
        for (var row = 0; row < rows; row++)
        {
            for (var at = row * width; at < batch.Values.Length; at += stride)
                for (var output = 0; output < width; output++)
                    Take(output, batch.Values[at + output], areProbabilities ? 1 / (1 + Math.Exp(-outputs[at + output])) : outputs[at + output]);
            _within?.EndSequence();
        }
    }

    public override Evaluation Complete(Evaluation evaluation) => evaluation with
    {
        Values = new ValueErrors(
            _all, [.. _errors.Select((errors, output) => new ColumnErrors((output + 1).ToString(CultureInfo.InvariantCulture), errors) { Area = AreaOf(_scores[output]) })])
        {
            Within = _within,
        },
    };

    void Take(int output, double expected, double told)
    {
        _all.Add(expected, told);
        _errors[output].Add(expected, told);
        _within?.Add(expected, told);
        if (areProbabilities && !double.IsNaN(expected)) _scores[output].Add((told, expected));
    }

    /// <summary>Only of targets that are so or not.</summary>
    static double? AreaOf(List<(double Score, double Target)> scores) =>
        scores.TrueForAll(each => each.Target is 0 or 1)
            ? RocCurve.Area([.. scores.Select(each => each.Score)], [.. scores.Select(each => each.Target == 1)])
            : null;
}
