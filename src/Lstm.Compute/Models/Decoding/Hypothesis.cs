namespace LstmCluster.Compute;

/// <summary>A sequence that a search found.</summary>
/// <param name="Tokens">Its classes, without the end token.</param>
/// <param name="LogProbability">Natural logarithm of its probability, the end token's included where there is one.</param>
/// <param name="Score">The same, divided by the length penalty: by this hypotheses are ranked.</param>
/// <param name="Ended">True when it came to its end token; false when it was cut at the largest length.</param>
public sealed record Hypothesis(IReadOnlyList<int> Tokens, double LogProbability, double Score, bool Ended)
{
    /// <summary>
    /// How each token looked at the source, the end token last: [tokens, source steps of the sentence], each row a distribution.
    /// Empty for a model without attention.
    /// </summary>
    public IReadOnlyList<float[]> Attention { get; init; } = [];

    /// <summary>The row of each step from which a token was drawn, the end token's last.</summary>
    internal int[] Rows { get; init; } = [];
}
