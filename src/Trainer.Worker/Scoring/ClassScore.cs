using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>Which class is taken for which. As numbers: expected class, told class and count of each kind of answer that occurs, ascending.</summary>
/// <param name="classes">Classes.</param>
public sealed class ClassScore(int classes) : TaskScore
{
    const int NumbersOfCell = 3;

    /// <summary>The counts.</summary>
    public ConfusionMatrix Matrix { get; } = new(classes);

    /// <inheritdoc/>
    public override void Take(ReadOnlySpan<float> outputs, in Batch batch, int batchRows, RowRange rows)
    {
        for (var first = rows.First; first < batch.Classes.Length; first += batchRows)
        {
            for (var position = first; position < first + rows.Count; position++)
                if (batch.Classes[position] is >= 0 and var expected)
                    Matrix.Add(expected, IndexOfLargest(outputs.Slice(position * classes, classes)));
        }
    }

    /// <inheritdoc/>
    public override double[] ToSums() => [.. Matrix.Cells.SelectMany(cell => new double[] { cell.Expected, cell.Predicted, cell.Count })];

    /// <inheritdoc/>
    public override long MostSums(int shards, long positions) => NumbersOfCell * Math.Min(positions, (long)shards * classes * classes);

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<double> sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        for (var at = 0; at < sums.Count; at++)
            if (!IsCount(sums[at]) || (at % NumbersOfCell < 2 && sums[at] >= classes))
                return false;
        return sums.Count % NumbersOfCell == 0;
    }

    /// <inheritdoc/>
    public override void Add(IReadOnlyList<double> sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        for (var at = 0; at < sums.Count; at += NumbersOfCell) Matrix.Add((int)sums[at], (int)sums[at + 1], (long)sums[at + 2]);
    }
}
