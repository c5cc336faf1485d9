namespace LstmCluster.Compute;

/// <summary>Searches for the most probable sequences, keeping a fixed number of prefixes at each step. On the host; the scores come from a device.</summary>
/// <remarks>
/// At each step the classes behind all prefixes are ranked by probability; of equals the one behind the better prefix comes first, then the lower class.
/// Those that end and stand within the first <see cref="BeamSearchOptions.Beams"/> are finished, and as many that do not end go on. A sentence is done when so many are finished,
/// when no prefix can surpass what is finished (log-probabilities only fall, the penalty only rises), or at the largest length; what has not ended then counts only
/// when too few have ended. So one beam takes the most probable class at each step.
/// </remarks>
public static class BeamSearch
{
    /// <summary>Runs a search.</summary>
    /// <param name="scorer">Gives the scores.</param>
    /// <param name="startToken">What a prefix begins with; no part of a hypothesis.</param>
    /// <param name="endToken">The class that ends a hypothesis.</param>
    /// <param name="options">How to choose.</param>
    /// <returns>For each sentence its best hypotheses, the best first: <see cref="BeamSearchOptions.Best"/> of them, or fewer where no more exist.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option lies outside of its range.</exception>
    /// <exception cref="InvalidOperationException">A score is not a number.</exception>
    public static IReadOnlyList<IReadOnlyList<Hypothesis>> Run(IBeamScorer scorer, int startToken, int endToken, BeamSearchOptions options)
    {
        ArgumentNullException.ThrowIfNull(scorer);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var (sentences, classes) = (scorer.Sentences, scorer.Classes);
        var rows = checked(options.Beams * sentences);
        SentenceBeam[] beams = [.. Enumerable.Range(0, sentences).Select(sentence => new SentenceBeam(sentence, sentences, endToken, options))];
        var trace = new BeamTrace();
        var (scores, normalizers) = (new float[checked(rows * classes)], new float[rows]);
        var (parents, tokens) = (new int[rows], new int[rows]);
        for (var row = 0; row < rows; row++) (parents[row], tokens[row]) = (row, startToken);
        for (var step = 0; !Array.TrueForAll(beams, beam => beam.Done); step++)
        {
            scorer.Step(step, parents, tokens, scores, normalizers);

            // Rows that nobody needs go on with the end token, which is a valid class.
            for (var row = 0; row < rows; row++) (parents[row], tokens[row]) = (row, endToken);
            foreach (var beam in beams)
                if (!beam.Done)
                    beam.Advance(step, classes, scores, normalizers, parents, tokens);
            trace.Add(parents, tokens);
        }

        return [.. beams.Select(beam => beam.Best(trace))];
    }
}
