namespace LstmCluster.Protocol;

/// <summary>The keys of <c>model:</c>; those of its layers are in <see cref="LayerSchema"/>. Which of them belong to a task: <see cref="ModelRules"/>.</summary>
static class ModelSchema
{
    const int LargestSize = 1 << 16;

    static readonly ChoiceValue<PoolingKind> s_pooling = new(("last", PoolingKind.Last), ("mean", PoolingKind.Mean), ("max", PoolingKind.Max));

    static readonly ChoiceValue<AttentionKind> s_attention = new(
        ("none", AttentionKind.None), ("dot", AttentionKind.Dot), ("general", AttentionKind.General), ("additive", AttentionKind.Additive));

    static readonly OneOf<LossOptions> s_loss = new(
        Kind.Options<LossOptions, CrossEntropyOptions>("cross-entropy", new Section<CrossEntropyOptions>(
            new CrossEntropyOptions(),
            [
                new SectionKey<CrossEntropyOptions, double>("smoothing", "Share of the target distribution that is spread over all classes in training; a validation and `eval` tell the loss without it", NumberValue.BelowOne, x => x.Smoothing, (x, v) => x with { Smoothing = v }),
            ])),
        Kind.Bare<LossOptions, BinaryCrossEntropyOptions>("binary-cross-entropy", new BinaryCrossEntropyOptions()),
        Kind.Bare<LossOptions, SquaredErrorOptions>("squared-error", new SquaredErrorOptions()),
        Kind.Options<LossOptions, HuberOptions>("huber", new Section<HuberOptions>(
            new HuberOptions(),
            [
                new SectionKey<HuberOptions, double>("delta", "Distance at which the square ends and the line begins", NumberValue.Positive, x => x.Delta, (x, v) => x with { Delta = v }),
            ])));

    static readonly Section<CharacterOptions> s_characters = new(
        new CharacterOptions(),
        [
            new SectionKey<CharacterOptions, int>("embedding", "Features of a character's embedding", new IntegerValue(1, LargestSize), x => x.Embedding, (x, v) => x with { Embedding = v }),
            new SectionKey<CharacterOptions, int>("units", "Units of each direction of the LSTM that reads the characters of a word, for `tokens: word` of a `classifier`, `tagger` or `regressor`; its last states stand beside the word's embedding", new IntegerValue(1, LargestSize), x => x.Units, (x, v) => x with { Units = v }),
            new SectionKey<CharacterOptions, int>("length", "Most characters of a word that are read: of a longer one as many of its beginning as of its end", new IntegerValue(1, LargestSize), x => x.Length, (x, v) => x with { Length = v }),
        ]);

    static readonly Section<DecoderOptions> s_decoder = new(
        new DecoderOptions { Layers = [] },
        [
            new SectionKey<DecoderOptions, int>("embedding", "Features of a target token's embedding", new IntegerValue(1, LargestSize), x => x.Embedding, (x, v) => x with { Embedding = v }),
            new SectionKey<DecoderOptions, ValueList<LayerOptions>>("layers", "The recurrent layers that write the target, from the input up, with the keys of `model.layers[]`", LayerSchema.DecoderLayers, x => x.Layers, (x, v) => x with { Layers = v }) { Required = true },
            new SectionKey<DecoderOptions, AttentionKind>("attention", "How each step looks at the source", s_attention, x => x.Attention, (x, v) => x with { Attention = v }),
            new SectionKey<DecoderOptions, bool>("inputFeeding", "What a step found by attention is part of the next step's input", new FlagValue(), x => x.InputFeeding, (x, v) => x with { InputFeeding = v }),
            new SectionKey<DecoderOptions, double>("scheduledSampling", "Rate at which a step in training reads the model's own choice instead of the target before it", NumberValue.Fraction, x => x.ScheduledSampling, (x, v) => x with { ScheduledSampling = v }),
            new SectionKey<DecoderOptions, bool>("tied", "The head uses the weights of the target embedding", new FlagValue(), x => x.Tied, (x, v) => x with { Tied = v }),
        ]);

    /// <summary>The section.</summary>
    public static Section<ModelOptions> Model { get; } = new(
        new ModelOptions { Layers = [] },
        [
            new SectionKey<ModelOptions, int>("embedding", "Features of a token's embedding; without use for `data.tokens: numbers`", new IntegerValue(1, LargestSize), x => x.Embedding, (x, v) => x with { Embedding = v }),
            new SectionKey<ModelOptions, CharacterOptions>("characters", "What reads the characters of each word", s_characters, x => x.Characters, (x, v) => x with { Characters = v }),
            new SectionKey<ModelOptions, double>("wordDropout", "Probability that a word counts as unknown in training, for `tokens: word` of a `classifier`, `tagger` or `regressor`", NumberValue.BelowOne, x => x.WordDropout, (x, v) => x with { WordDropout = v }),
            new SectionKey<ModelOptions, double>("inputDropout", "Probability that a feature of the first layer's input is dropped in training", NumberValue.BelowOne, x => x.InputDropout, (x, v) => x with { InputDropout = v }),
            new SectionKey<ModelOptions, ValueList<LayerOptions>>("layers", "The recurrent layers from the input up", LayerSchema.Layers, x => x.Layers, (x, v) => x with { Layers = v }) { Required = true },
            new SectionKey<ModelOptions, double>("dropout", "Probability that a feature is dropped after each layer in training", NumberValue.BelowOne, x => x.Dropout, (x, v) => x with { Dropout = v }),
            new SectionKey<ModelOptions, bool>("residual", "Each layer but the first adds its input to its output", new FlagValue(), x => x.Residual, (x, v) => x with { Residual = v }),
            new SectionKey<ModelOptions, bool>("layerNorm", "Each layer's output is normalised", new FlagValue(), x => x.LayerNorm, (x, v) => x with { LayerNorm = v }),
            new SectionKey<ModelOptions, bool>("tied", "The head uses the weights of the embedding, for `language-model`", new FlagValue(), x => x.Tied, (x, v) => x with { Tied = v }),
            new SectionKey<ModelOptions, PoolingKind?>("pooling", "How a sequence becomes one vector before the head, for `classifier` and `regressor`", new OptionalValue<PoolingKind>(s_pooling), x => x.Pooling, (x, v) => x with { Pooling = v }) { DefaultText = "`last`" },
            new SectionKey<ModelOptions, DecoderOptions>("decoder", "What writes the target sequence, for `seq2seq`", s_decoder, x => x.Decoder, (x, v) => x with { Decoder = v }),
            new SectionKey<ModelOptions, LossOptions>("loss", "What training makes small", s_loss, x => x.Loss, (x, v) => x with { Loss = v }) { DefaultText = "`cross-entropy`; of a `regressor` `squared-error`" },
        ]);

    /// <summary>A loss as a job file names it.</summary>
    public static string NameOf(LossOptions loss) => s_loss.NameOf(loss);
}
