using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>How often the likeliest token is the right one, each after the right ones before. As numbers: those that are right, and all.</summary>
/// <param name="tokens">Tokens that there are.</param>
public sealed class TokenScore(int tokens) : TaskScore
{
    long _right, _count;

    /// <summary>Share of the tokens that are right; NaN without tokens.</summary>
    public double Accuracy => (double)_right / _count;

    /// <inheritdoc/>
    public override void Take(ReadOnlySpan<float> outputs, in Batch batch, int batchRows, RowRange rows)
    {
        for (var first = rows.First; first < batch.Classes.Length; first += batchRows)
        {
            for (var position = first; position < first + rows.Count; position++)
            {
                if (batch.Classes[position] is not (>= 0 and var expected)) continue;
                _count++;
                if (IndexOfLargest(outputs.Slice(position * tokens, tokens)) == expected) _right++;
            }
        }
    }

    /// <inheritdoc/>
    public override double[] ToSums() => [_right, _count];

    /// <inheritdoc/>
    public override long MostSums(int shards, long positions) => 2L * shards;

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<double> sums) => sums is [var right, var count] && IsCount(right) && IsCount(count) && right <= count;

    /// <inheritdoc/>
    public override void Add(IReadOnlyList<double> sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        _right += (long)sums[0];
        _count += (long)sums[1];
    }
}
