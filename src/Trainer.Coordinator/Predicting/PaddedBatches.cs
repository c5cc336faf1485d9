using LstmCluster.Data;

namespace LstmCluster.Training;

/// <summary>Cuts inputs into batches of which each is padded to its longest input, so that one long input among short ones does not take memory for all of them.</summary>
static class PaddedBatches
{
    /// <summary>Most time steps of a batch, padding among them; an input that has more is alone.</summary>
    public const int MostSteps = 1 << 14;

    /// <summary>Most characters of a batch of words that are read letter by letter, padding among them; an input that has more is alone.</summary>
    public const int MostCharacters = 1 << 18;

    /// <summary>Cuts inputs, in their order.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <returns>Batches of at least one input each.</returns>
    public static IEnumerable<IReadOnlyList<Sample>> Of(IReadOnlyList<Sample> inputs)
    {
        var (batch, steps, letters) = (new List<Sample>(), 0, 0);
        foreach (var input in inputs)
        {
            var (longest, longestWord) = (Math.Max(steps, input.Steps), Math.Max(letters, LongestWord(input)));
            var all = (batch.Count + 1L) * longest;
            if (batch.Count > 0 && (all > MostSteps || all * longestWord > MostCharacters))
            {
                yield return batch;
                (batch, longest, longestWord) = ([], input.Steps, LongestWord(input));
            }

            batch.Add(input);
            (steps, letters) = (longest, longestWord);
        }

        if (batch.Count > 0) yield return batch;
    }

    static int LongestWord(Sample input) => input.Characters.Length == 0 ? 0 : input.Characters.Max(word => word.Length);
}
