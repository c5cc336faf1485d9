namespace LstmCluster.Compute.Tests;

/// <summary>An encoder-decoder of any kind and a batch for it. Without a source vocabulary it takes features; sampling is the rate of scheduled sampling.</summary>
sealed record TranslationChoice(
    int SourceSteps, int TargetSteps, int[] ShardRows, int SourceVocabulary, int SourceFeatures, int TargetVocabulary, int TargetFeatures,
    LayerChoice[] Encoder, LayerChoice[] Decoder, AttentionKind? Attention, int AttentionUnits, int AttentionOutputs, bool Feeds, bool IsTied,
    float Smoothing, float? Sampling, bool IsRagged, int Seed) : IModelChoice
{
    public IEnumerable<TranslationChoice> Simpler() =>
        Encoder.Simpler().Select(encoder => this with { Encoder = encoder })
            .Concat(Decoder.Simpler().Select(decoder => this with { Decoder = decoder }))
            .Concat(ShardRows.Length > 1 ? [this with { ShardRows = ShardRows[1..] }] : [])
            .Concat(SourceSteps > 1 ? [this with { SourceSteps = SourceSteps / 2 }, this with { SourceSteps = SourceSteps - 1 }] : [])
            .Concat(TargetSteps > 1 ? [this with { TargetSteps = TargetSteps - 1 }] : [])
            .Concat(IsRagged ? [this with { IsRagged = false }] : [])
            .Concat(IsTied ? [this with { IsTied = false }] : [])
            .Concat(Feeds ? [this with { Feeds = false }] : [])
            .Concat(Attention is not null ? [this with { Attention = null, Feeds = false }] : [])
            .Concat(Sampling is not null ? [this with { Sampling = null }] : [])
            .Where(choice => choice.HasRecurrence);

    /// <summary>True when encoder and decoder both have a state.</summary>
    public bool HasRecurrence => Encoder.Any(layer => layer is OneWay or BothWays) && Decoder.Any(layer => layer is OneWay);

    public ModelSample Sample() => Sample(Create(recomputes: true));

    public double DistanceFromEdges()
    {
        var model = Create(recomputes: false);
        var cells = Edges.OfCells(Sample(model), [.. model.Encoder, .. model.Decoder], out var outputs);
        return Sampling > 0 ? Math.Min(cells, Edges.OfBestClasses(outputs, TargetVocabulary)) : cells;
    }

    public override string ToString() =>
        $"S={SourceSteps}, U={TargetSteps}, rows {string.Join('+', ShardRows)}, source V={SourceVocabulary} of {SourceFeatures}, target V={TargetVocabulary} of {TargetFeatures}, "
        + $"attention {Attention} ({AttentionUnits}, {AttentionOutputs}), feeds {Feeds}, tied {IsTied}, smoothing {Smoothing}, sampling {Sampling}, ragged {IsRagged}, seed {Seed}, "
        + $"encoder:{string.Concat(Encoder.Select(layer => $"\n  {layer}"))}\ndecoder:{string.Concat(Decoder.Select(layer => $"\n  {layer}"))}";

    EncoderDecoder Create(bool recomputes)
    {
        var making = new Making(recomputes);
        var source = SourceVocabulary > 0 ? new Embedding(SourceVocabulary, SourceFeatures) : null;
        var target = new Embedding(TargetVocabulary, TargetFeatures);
        var encoder = Encoder.Create(SourceFeatures, making);

        // A dot product compares vectors of one size; a tied head takes as many features as a token has.
        var attended = IsTied ? TargetFeatures : AttentionOutputs;
        var decoder = WithOutput(Attention == AttentionKind.Dot ? encoder[^1].OutputSize : Attention is null && IsTied ? TargetFeatures : null)
            .Create(TargetFeatures + (Feeds ? attended : 0), making);
        var attention = Attention is { } kind
            ? new Attention(kind, encoder[^1].OutputSize, decoder[^1].OutputSize, kind == AttentionKind.Additive ? AttentionUnits : 0, attended)
            : null;
        IHead head = IsTied ? new TiedLinear(target) : new Linear(attention?.OutputSize ?? decoder[^1].OutputSize, TargetVocabulary);
        return new EncoderDecoder(source, encoder, target, decoder, head, new EncoderDecoderOptions
        {
            StartToken = 0,
            EndToken = 1,
            Attention = attention,
            InputFeeding = Feeds,
            Sampling = Sampling is { } rate ? new ScheduledSampling(rate, making.Streams(1)) : null,
            Loss = new CrossEntropy(Smoothing),
        });
    }

    /// <summary>The decoder with so many outputs of its last layer that has a state, behind which there is dropout at most.</summary>
    LayerChoice[] WithOutput(int? size)
    {
        var last = Array.FindLastIndex(Decoder, layer => layer is OneWay);
        return size is { } outputs ? [.. Decoder[..last], Decoder[last].WithOutput(outputs), .. Decoder[(last + 1)..]] : Decoder;
    }

    ModelSample Sample(EncoderDecoder model)
    {
        var (draw, shape) = (new Draw(Seed), new BatchShape(SourceSteps, ShardRows.Sum()));
        var whole = new SampleBatch(shape, TargetSteps)
        {
            Shards = SampleBatch.ShardsOf(ShardRows),
            Rows = [.. Enumerable.Range(0, shape.Rows)],
            Lengths = IsRagged ? draw.Integers(shape.Rows, 0, SourceSteps + 1) : [],
            Tokens = SourceVocabulary > 0 ? draw.Integers(shape.Positions, 0, SourceVocabulary) : [],
            Features = SourceVocabulary > 0 ? [] : Array.ConvertAll(draw.Uniform(shape.Positions * SourceFeatures, 2), x => (float)x),
            Classes = draw.Integers(TargetSteps * shape.Rows, IsRagged ? -1 : 0, TargetVocabulary),
            States = new float[shape.Rows][],
            TargetSteps = TargetSteps,
        };
        return new ModelSample(model, TargetVocabulary, whole, ModelSample.Weights(model, Seed, draw), Philox.KeyOf((ulong)Seed, 1));
    }
}
