namespace LstmCluster.Compute;

/// <summary>The search for one sentence: the prefixes that go on, and the hypotheses that came to their end.</summary>
/// <param name="sentence">n.</param>
/// <param name="sentences">N.</param>
/// <param name="endToken">The class that ends a hypothesis.</param>
/// <param name="options">How to choose.</param>
sealed class SentenceBeam(int sentence, int sentences, int endToken, BeamSearchOptions options)
{
    readonly List<Found> _ended = [];
    readonly List<Found> _cut = [];
    readonly BeamCandidates _candidates = new(2 * options.Beams);
    readonly double[] _live = new double[options.Beams], _next = new double[options.Beams];
    int _liveCount = 1;

    /// <summary>True when nothing better can come.</summary>
    public bool Done { get; private set; }

    /// <summary>Chooses among all classes behind all prefixes.</summary>
    /// <param name="step">Step of the search, from 0.</param>
    /// <param name="classes">V.</param>
    /// <param name="scores">[beams*N,V].</param>
    /// <param name="normalizers">[beams*N].</param>
    /// <param name="parents">[beams*N]: this sentence's elements receive the rows that go on.</param>
    /// <param name="tokens">[beams*N]: and the class that each goes on with.</param>
    public void Advance(
        int step, int classes, ReadOnlySpan<float> scores, ReadOnlySpan<float> normalizers, Span<int> parents, Span<int> tokens)
    {
        Collect(classes, scores, normalizers);
        var (next, penalty) = (0, options.Penalty(step + 1));
        var best = _candidates.Best;
        for (var rank = 0; rank < best.Length && next < options.Beams; rank++)
        {
            var (probability, beam, token) = best[rank];
            var found = new Found(probability, probability / penalty, step + 1, Row(beam), token);
            if (token != endToken)
            {
                (parents[Row(next)], tokens[Row(next)]) = (Row(beam), token);
                _next[next++] = probability;
                if (step + 1 == options.MaxSteps) _cut.Add(found);
            }
            else if (rank < options.Beams)
            {
                _ended.Add(found);
            }
        }

        _next.CopyTo(_live, 0);
        _liveCount = next;
        Done = next == 0 || step + 1 == options.MaxSteps || _ended.Count >= options.Beams || NothingBetterCanCome();
    }

    /// <summary>The best hypotheses: those that ended before those that were cut, each by score; of equals the one found first.</summary>
    public IReadOnlyList<Hypothesis> Best(BeamTrace trace) =>
    [
        .. _ended.OrderByDescending(found => found.Score).Select(found => Of(found, ended: true, trace))
            .Concat(_cut.OrderByDescending(found => found.Score).Select(found => Of(found, ended: false, trace)))
            .Take(options.Best),
    ];

    static Hypothesis Of(Found found, bool ended, BeamTrace trace)
    {
        var (tokens, rows) = trace.Path(found.Length, found.Row, found.Token);
        return new Hypothesis(ended ? tokens[..^1] : tokens, found.LogProbability, found.Score, ended) { Rows = rows };
    }

    void Collect(int classes, ReadOnlySpan<float> scores, ReadOnlySpan<float> normalizers)
    {
        _candidates.Clear();
        for (var beam = 0; beam < _liveCount; beam++)
        {
            var row = Row(beam);
            var before = _live[beam] - normalizers[row];
            if (double.IsNaN(before)) throw new InvalidOperationException($"the scores of row {row} are not numbers");
            var bar = _candidates.Bar;
            var ofRow = scores.Slice(row * classes, classes);
            for (var index = 0; index < ofRow.Length; index++)
            {
                var probability = before + ofRow[index];
                if (!(probability > bar)) continue;
                _candidates.Add(new BeamCandidate(probability, beam, index));
                bar = _candidates.Bar;
            }
        }
    }

    /// <summary>A prefix only loses probability, and the longest hypothesis is divided by most: beyond that bound no prefix can come.</summary>
    bool NothingBetterCanCome()
    {
        if (_ended.Count < options.Best) return false;
        var bound = _live[0] / options.Penalty(options.MaxSteps);
        var asGood = 0;
        foreach (var found in _ended)
            if (found.Score >= bound)
                asGood++;
        return asGood >= options.Best;
    }

    int Row(int beam) => (beam * sentences) + sentence;

    readonly record struct Found(double LogProbability, double Score, int Length, int Row, int Token);
}
