namespace LstmCluster.Compute;

/// <summary>How far sequences that were told are from what they should be: the word error and phoneme error of pronunciations, for instance.</summary>
/// <remarks>Where several references count as right, a sequence is compared with the one that it is closest to; of equally close ones with the first.</remarks>
public sealed class SequenceErrors
{
    /// <summary>Sequences compared.</summary>
    public long Sequences { get; private set; }

    /// <summary>Sequences that are none of their references.</summary>
    public long Wrong { get; private set; }

    /// <summary>Edits from the sequences to their closest references.</summary>
    public long Edits { get; private set; }

    /// <summary>Tokens of the closest references.</summary>
    public long ReferenceTokens { get; private set; }

    /// <summary>Share of the sequences that are wrong; NaN without sequences.</summary>
    public double SequenceError => (double)Wrong / Sequences;

    /// <summary>Edits for each token of the references, which may be more than one; NaN without tokens.</summary>
    public double TokenError => (double)Edits / ReferenceTokens;

    /// <summary>Compares a sequence.</summary>
    /// <param name="predicted">The tokens told.</param>
    /// <param name="references">What is right, at least one.</param>
    /// <exception cref="ArgumentException">There is no reference.</exception>
    public void Add(ReadOnlySpan<int> predicted, IEnumerable<int[]> references)
    {
        ArgumentNullException.ThrowIfNull(references);
        var (closest, length) = (int.MaxValue, 0);
        foreach (var reference in references)
        {
            var distance = EditDistance.Between(predicted, reference);
            if (distance < closest) (closest, length) = (distance, reference.Length);
        }

        if (closest == int.MaxValue) throw new ArgumentException("there is nothing to compare with", nameof(references));
        Sequences++;
        if (closest > 0) Wrong++;
        Edits += closest;
        ReferenceTokens += length;
    }
}
