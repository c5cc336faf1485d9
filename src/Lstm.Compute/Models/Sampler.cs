namespace LstmCluster.Compute;

/// <summary>Draws classes from scores: temperature, top-k, and a seed that makes the same draw again.</summary>
/// <param name="temperature">Scores are divided by it; 0 takes the best class always.</param>
/// <param name="topK">Only so many best classes may be drawn; 0 for all.</param>
/// <param name="seed">Seed of the draws.</param>
public sealed class Sampler(double temperature, int topK, ulong seed)
{
    readonly RandomSequence _random = new(seed, SamplerSequence);
    double[] _weights = [];
    long _draws;

    // Apart from the sequences of the model's tensors, which count from zero.
    const uint SamplerSequence = uint.MaxValue;

    /// <summary>Draws a class.</summary>
    /// <param name="scores">[classes], logits.</param>
    public int Next(ReadOnlySpan<float> scores)
    {
        var best = IndexOfMax(scores);
        if (temperature <= 0) return best;

        if (_weights.Length != scores.Length) _weights = new double[scores.Length];
        var floor = topK > 0 && topK < scores.Length ? KthLargest(scores) : float.NegativeInfinity;
        double total = 0;
        for (var index = 0; index < scores.Length; index++)
        {
            _weights[index] = scores[index] >= floor ? Math.Exp((scores[index] - scores[best]) / temperature) : 0;
            total += _weights[index];
        }

        var drawn = _random.Uniform(_draws++) * total;
        for (var index = 0; index < scores.Length; index++)
        {
            drawn -= _weights[index];
            if (drawn < 0) return index;
        }

        return best;
    }

    float KthLargest(ReadOnlySpan<float> scores)
    {
        var sorted = scores.ToArray();
        Array.Sort(sorted);
        return sorted[^topK];
    }

    static int IndexOfMax(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var index = 1; index < scores.Length; index++)
            if (scores[index] > scores[best])
                best = index;
        return best;
    }
}
