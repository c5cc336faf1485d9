namespace LstmCluster.Compute;

/// <summary>Finds target sequences for source sequences with an <see cref="EncoderDecoder"/>: greedily or with a beam.</summary>
public sealed class Translator : IDisposable
{
    readonly EncoderDecoder _model;
    readonly EncoderRun _encoder;
    readonly BridgeRun _bridge;
    readonly BatchRows _rows;
    readonly TranslationScorer _scorer;

    /// <summary>Prepares to translate on a device.</summary>
    public Translator(EncoderDecoder model, IDevice device)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(device);
        _model = model;
        _encoder = new EncoderRun(model, device);
        _bridge = new BridgeRun(model.Bridge, _encoder, device);
        _rows = new BatchRows(device);
        _scorer = new TranslationScorer(model, device);
    }

    /// <summary>Searches the best target sequences of each source sequence.</summary>
    /// <param name="weights">A weight version on the device.</param>
    /// <param name="source">Tokens or features, and lengths where they differ; targets are not read.</param>
    /// <param name="options">How to choose.</param>
    /// <param name="withAttention">True to hand out each hypothesis with its attention weights, if the model has an attention.</param>
    /// <returns>For each source its hypotheses, the best first. They do not depend on what else is in the batch.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A token or an option lies outside of its range.</exception>
    /// <exception cref="ArgumentException">The inputs do not fill the batch.</exception>
    public IReadOnlyList<IReadOnlyList<Hypothesis>> Translate(ModelWeights weights, in Batch source, BeamSearchOptions options, bool withAttention = false)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var rows = source.Shape.Rows;
        _rows.Load(source.Shape, source.Shards, source.Lengths);
        _encoder.Reserve(source.Shape, training: false);
        _bridge.Reserve(rows, training: false);
        _encoder.Load(source, _rows);
        var pass = _rows.Pass(training: false, maskKey: 0);
        var memory = _encoder.Forward(weights, pass);
        _bridge.Forward(weights[_model.BridgeIndex], rows);
        _scorer.Begin(weights, pass, memory, _bridge, options.Beams, withAttention);
        var found = BeamSearch.Run(_scorer, _model.Options.StartToken, _model.Options.EndToken, options);
        return _scorer.Attention.Count == 0 ? found : WithAttention(found, source.Shape, source.Lengths);
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        _encoder.Dispose();
        _bridge.Dispose();
        _rows.Dispose();
        _scorer.Dispose();
    }

    IReadOnlyList<Hypothesis>[] WithAttention(IReadOnlyList<IReadOnlyList<Hypothesis>> found, BatchShape shape, ReadOnlySpan<int> lengths)
    {
        var with = new IReadOnlyList<Hypothesis>[found.Count];
        for (var sentence = 0; sentence < with.Length; sentence++)
        {
            var length = lengths.IsEmpty ? shape.Steps : lengths[sentence];
            with[sentence] = [.. found[sentence].Select(one => one with { Attention = Looks(one, shape.Steps, length) })];
        }

        return with;
    }

    float[][] Looks(Hypothesis hypothesis, int steps, int length) =>
        [.. hypothesis.Rows.Select((row, step) => _scorer.Attention[step].AsSpan(row * steps, length).ToArray())];
}
