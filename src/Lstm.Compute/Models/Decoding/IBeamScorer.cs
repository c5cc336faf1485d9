namespace LstmCluster.Compute;

/// <summary>What a <see cref="BeamSearch"/> asks for: the scores of the next class behind many prefixes at once.</summary>
/// <remarks>A step has a row for each beam of each sentence, beam by beam: that of beam b and sentence n of N is <c>b*N + n</c>.</remarks>
public interface IBeamScorer
{
    /// <summary>N, sequences that are searched for at the same time.</summary>
    int Sentences { get; }

    /// <summary>V, classes to choose from at each step.</summary>
    int Classes { get; }

    /// <summary>Goes one class further in every row.</summary>
    /// <param name="step">0 for the first step, then one more each time.</param>
    /// <param name="parents">[beams*N]: the row of the step before whose prefix each row continues, of the same sentence; at the first step what a row is itself.</param>
    /// <param name="tokens">[beams*N]: what each row's prefix ends with; at the first step the start token.</param>
    /// <param name="scores">[beams*N,V]: receives the scores of each class before the softmax.</param>
    /// <param name="normalizers">[beams*N]: receives the logarithm of the sum of the exponentials of each row's scores.</param>
    void Step(int step, ReadOnlySpan<int> parents, ReadOnlySpan<int> tokens, Span<float> scores, Span<float> normalizers);
}
