namespace LstmCluster.Compute.Tests;

/// <summary>Scores that are a function of sentence and whole prefix, so that a wrong prefix in any row shows.</summary>
sealed class ToyScorer(int sentences, int classes, Func<int, IReadOnlyList<int>, double[]> scores) : IBeamScorer
{
    int[][] _prefixes = [];

    public int Sentences => sentences;

    public int Classes => classes;

    public int Steps { get; private set; }

    public void Step(int step, ReadOnlySpan<int> parents, ReadOnlySpan<int> tokens, Span<float> scored, Span<float> normalizers)
    {
        step.ShouldBe(Steps++);
        var next = new int[parents.Length][];
        for (var row = 0; row < next.Length; row++)
        {
            (parents[row] % sentences).ShouldBe(row % sentences, "a row continues a prefix of its own sentence");
            next[row] = step == 0 ? [] : [.. _prefixes[parents[row]], tokens[row]];
            var ofRow = Array.ConvertAll(scores(row % sentences, next[row]), score => (float)score);
            ofRow.CopyTo(scored[(row * classes)..]);
            normalizers[row] = (float)Normalizer(ofRow);
        }

        _prefixes = next;
    }

    /// <summary>Random scores for each sentence and prefix.</summary>
    public static Func<int, IReadOnlyList<int>, double[]> Random(int seed, int classes, double limit = 3) => (sentence, prefix) =>
    {
        var key = prefix.Aggregate((seed * 31) + sentence, (hash, token) => unchecked((hash * 1_000_003) + token + 1));
        return new Draw(key).Uniform(classes, limit);
    };

    /// <summary>Every sequence up to a length, with its log-probability: those that end, and those that are cut.</summary>
    public static IEnumerable<(int[] Tokens, double LogProbability, bool Ended)> All(
        Func<int, IReadOnlyList<int>, double[]> scores, int sentence, int endToken, int maxSteps, int[]? prefix = null, double before = 0)
    {
        prefix ??= [];
        var ofPrefix = Array.ConvertAll(scores(sentence, prefix), score => (float)score);
        var normalizer = (float)Normalizer(ofPrefix);
        for (var token = 0; token < ofPrefix.Length; token++)
        {
            var probability = before - normalizer + ofPrefix[token];
            int[] longer = [.. prefix, token];
            if (token == endToken)
                yield return (prefix, probability, true);
            else if (longer.Length == maxSteps)
                yield return (longer, probability, false);
            else
                foreach (var found in All(scores, sentence, endToken, maxSteps, longer, probability))
                    yield return found;
        }
    }

    static double Normalizer(float[] scores) => Math.Log(scores.Sum(score => Math.Exp(score)));
}
