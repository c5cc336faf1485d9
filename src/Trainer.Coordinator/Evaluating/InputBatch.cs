using LstmCluster.Compute;
using LstmCluster.Data;

namespace LstmCluster.Training;

/// <summary>Lays the inputs of samples side by side, without targets.</summary>
/// <param name="features">D; 0 for tokens.</param>
sealed class InputBatch(int features)
{
    /// <summary>The batch, in memory of its own.</summary>
    /// <param name="samples">At least one.</param>
    public Batch Of(IReadOnlyList<Sample> samples)
    {
        var (steps, rows) = (samples.Max(sample => sample.Steps), samples.Count);
        var longest = samples.Max(sample => sample.Characters.Length == 0 ? 0 : sample.Characters.Max(word => word.Length));
        var characters = new int[steps * rows * longest];
        Array.Fill(characters, -1);
        var (tokens, numbers, lengths) = (new int[features == 0 ? steps * rows : 0], new float[steps * rows * features], new int[rows]);
        for (var row = 0; row < rows; row++)
        {
            var sample = samples[row];
            lengths[row] = sample.Steps;
            for (var t = 0; t < sample.Steps; t++)
            {
                if (longest > 0) sample.Characters[t].CopyTo(characters, ((t * rows) + row) * longest);
                if (features == 0) tokens[(t * rows) + row] = sample.Tokens[t];
                else sample.Features.AsSpan(t * features, features).CopyTo(numbers.AsSpan(((t * rows) + row) * features));
            }
        }

        return new Batch
        {
            Shape = new BatchShape(steps, rows),
            Tokens = tokens,
            Characters = characters,
            Features = numbers,
            Lengths = lengths,
            Shards = new[] { new ShardRows(0, new RowRange(0, rows)) },
        };
    }
}
