using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>How far numbers are off, in the units of the model. As numbers: sum of absolute errors, sum of squared errors and count of each output.</summary>
/// <param name="width">Outputs.</param>
/// <param name="areProbabilities">True where outputs are logits of probabilities, which are compared.</param>
public sealed class ValueScore(int width, bool areProbabilities) : TaskScore
{
    const int NumbersOfOutput = 3;

    readonly RegressionErrors[] _errors = [.. Enumerable.Range(0, width).Select(_ => new RegressionErrors())];

    /// <summary>The errors of each output.</summary>
    public IReadOnlyList<RegressionErrors> Errors => _errors;

    /// <inheritdoc/>
    public override void Take(ReadOnlySpan<float> outputs, in Batch batch, int batchRows, RowRange rows)
    {
        var each = _errors.Length;
        for (var first = rows.First * each; first < batch.Values.Length; first += batchRows * each)
        {
            for (var at = first; at < first + (rows.Count * each); at++)
                _errors[(at - first) % each].Add(batch.Values[at], areProbabilities ? 1 / (1 + Math.Exp(-outputs[at])) : outputs[at]);
        }
    }

    /// <inheritdoc/>
    public override double[] ToSums() => [.. _errors.SelectMany(errors => new[] { errors.AbsoluteSum, errors.SquaredSum, errors.Count })];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<double> sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        if (sums.Count != NumbersOfOutput * _errors.Length) return false;

        // A model that has diverged may be off by what is no number; its loss tells so.
        for (var at = 0; at < sums.Count; at++)
            if (at % NumbersOfOutput == 2 ? !IsCount(sums[at]) : sums[at] < 0)
                return false;
        return true;
    }

    /// <inheritdoc/>
    public override void Add(IReadOnlyList<double> sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        for (var output = 0; output < _errors.Length; output++)
        {
            var at = NumbersOfOutput * output;
            _errors[output].AddSums(sums[at], sums[at + 1], (long)sums[at + 2]);
        }
    }
}
