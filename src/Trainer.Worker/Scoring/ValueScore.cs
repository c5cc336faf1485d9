using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>
/// How far numbers are off, in the units of the model. As numbers: sum of absolute errors, sum of squared errors and count of each output; with a tolerance also how many sequences there are, and how
/// many of them are off by less in all of their numbers.
/// </summary>
/// <param name="width">Outputs.</param>
/// <param name="areProbabilities">True where outputs are logits of probabilities, which are compared.</param>
/// <param name="tolerance">A number that is off by less is right; 0 where nobody asks.</param>
public sealed class ValueScore(int width, bool areProbabilities, double tolerance = 0) : TaskScore
{
    const int NumbersOfOutput = 3;

    readonly RegressionErrors[] _errors = [.. Enumerable.Range(0, width).Select(_ => new RegressionErrors())];
    long _rightSequences;

    int SumsOfShard => (NumbersOfOutput * _errors.Length) + (tolerance > 0 ? 2 : 0);

    /// <summary>The errors of each output.</summary>
    public IReadOnlyList<RegressionErrors> Errors => _errors;

    /// <summary>Sequences with a number at least; 0 without a tolerance.</summary>
    public long Sequences { get; private set; }

    /// <summary>Sequences of which all numbers are right; null without a tolerance.</summary>
    public long? RightSequences => tolerance > 0 ? _rightSequences : null;

    /// <inheritdoc/>
    public override void Take(ReadOnlySpan<float> outputs, in Batch batch, int batchRows, RowRange rows)
    {
        var within = tolerance > 0 ? new ToleranceErrors(tolerance) : null;
        var (each, stride) = (_errors.Length, batchRows * _errors.Length);
        for (var row = rows.First; row < rows.First + rows.Count; row++)
        {
            for (var first = row * each; first < batch.Values.Length; first += stride)
            {
                for (var at = first; at < first + each; at++)
                {
                    double expected = batch.Values[at], told = areProbabilities ? 1 / (1 + Math.Exp(-outputs[at])) : outputs[at];
                    _errors[at - first].Add(expected, told);
                    within?.Add(expected, told);
                }
            }

            within?.EndSequence();
        }

        if (within is not null) (Sequences, _rightSequences) = (Sequences + within.Sequences, _rightSequences + within.RightSequences);
    }

    /// <inheritdoc/>
    public override double[] ToSums()
    {
        var sums = _errors.SelectMany(errors => new[] { errors.AbsoluteSum, errors.SquaredSum, errors.Count });
        return tolerance > 0 ? [.. sums, Sequences, _rightSequences] : [.. sums];
    }

    /// <inheritdoc/>
    public override long MostSums(int shards, long positions) => (long)shards * SumsOfShard;

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<double> sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        var errors = NumbersOfOutput * _errors.Length;
        if (sums.Count != SumsOfShard) return false;

        // A model that has diverged may be off by what is no number; its loss tells so.
        for (var at = 0; at < errors; at++)
            if (at % NumbersOfOutput == 2 ? !IsCount(sums[at]) : sums[at] < 0)
                return false;
        return tolerance == 0 || (IsCount(sums[errors]) && IsCount(sums[errors + 1]) && sums[errors + 1] <= sums[errors]);
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

        if (tolerance > 0) (Sequences, _rightSequences) = (Sequences + (long)sums[sums.Count - 2], _rightSequences + (long)sums[sums.Count - 1]);
    }
}
