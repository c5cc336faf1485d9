namespace LstmCluster.Protocol;

/// <summary>The keys of a recurrent layer.</summary>
static class LayerSchema
{
    const int LargestSize = 1 << 16;

    const int MostLayers = 64;

    static readonly ChoiceValue<DirectionMerge> s_merge = new(
        ("none", DirectionMerge.None), ("concatenate", DirectionMerge.Concatenate), ("sum", DirectionMerge.Sum), ("average", DirectionMerge.Average));

    static readonly ChoiceValue<InitialKernel> s_kernel = new(("uniform", InitialKernel.Uniform), ("glorot", InitialKernel.Glorot), ("orthogonal", InitialKernel.Orthogonal));

    static readonly Section<InitializationOptions> s_initialization = new(
        new InitializationOptions(),
        [
            new SectionKey<InitializationOptions, InitialKernel>("kernel", "What the kernel starts from", s_kernel, x => x.Kernel, (x, v) => x with { Kernel = v }),
            new SectionKey<InitializationOptions, InitialKernel>("recurrent", "What the recurrent kernel starts from", s_kernel, x => x.Recurrent, (x, v) => x with { Recurrent = v }),
        ]);

    static readonly OneOf<LayerOptions> s_layer = new(
        Kind.Options<LayerOptions, LstmLayerOptions>("lstm", new Section<LstmLayerOptions>(
            new LstmLayerOptions { Units = 0 },
            [
                Units<LstmLayerOptions>(),
                new SectionKey<LstmLayerOptions, double>("forgetBias", "What the forget gate's bias starts at", NumberValue.Any, x => x.ForgetBias, (x, v) => x with { ForgetBias = v }),
                new SectionKey<LstmLayerOptions, double?>("inputBias", "What the input gate's bias starts at: a negative one keeps it closed at first", new OptionalValue<double>(NumberValue.Any), x => x.InputBias, (x, v) => x with { InputBias = v }) { DefaultText = "an even draw" },
                new SectionKey<LstmLayerOptions, double?>("outputBias", "What the output gate's bias starts at", new OptionalValue<double>(NumberValue.Any), x => x.OutputBias, (x, v) => x with { OutputBias = v }) { DefaultText = "an even draw" },
                new SectionKey<LstmLayerOptions, bool>("peephole", "The gates see the cell through diagonal weights", new FlagValue(), x => x.Peephole, (x, v) => x with { Peephole = v }),
                new SectionKey<LstmLayerOptions, bool>("layerNorm", "Both products and the cell are normalised", new FlagValue(), x => x.LayerNorm, (x, v) => x with { LayerNorm = v }),
                new SectionKey<LstmLayerOptions, bool>("coupledInputForget", "The forget gate is one minus the input gate", new FlagValue(), x => x.CoupledInputForget, (x, v) => x with { CoupledInputForget = v }),
                new SectionKey<LstmLayerOptions, int>("projection", "Features of the projected hidden state; 0 means no projection", new IntegerValue(0, LargestSize), x => x.Projection, (x, v) => x with { Projection = v }),
                new SectionKey<LstmLayerOptions, double>("cellClip", "Largest magnitude of the cell; 0 means no limit", NumberValue.NonNegative, x => x.CellClip, (x, v) => x with { CellClip = v }),
                new SectionKey<LstmLayerOptions, double>("recurrentDropout", "Rate at which features of the hidden state are dropped before the recurrent product, with one mask for all time steps", NumberValue.BelowOne, x => x.RecurrentDropout, (x, v) => x with { RecurrentDropout = v }),
                new SectionKey<LstmLayerOptions, double>("zoneoutHidden", "Rate at which features of the hidden state keep their old value", NumberValue.BelowOne, x => x.ZoneoutHidden, (x, v) => x with { ZoneoutHidden = v }),
                new SectionKey<LstmLayerOptions, double>("zoneoutCell", "Rate at which features of the cell keep their old value", NumberValue.BelowOne, x => x.ZoneoutCell, (x, v) => x with { ZoneoutCell = v }),
                .. OfEveryKind<LstmLayerOptions>(),
            ])),
        Kind.Options<LayerOptions, GruLayerOptions>("gru", new Section<GruLayerOptions>(
            new GruLayerOptions { Units = 0 }, [Units<GruLayerOptions>(), .. OfEveryKind<GruLayerOptions>()])),
        Kind.Options<LayerOptions, RnnLayerOptions>("rnn", new Section<RnnLayerOptions>(
            new RnnLayerOptions { Units = 0 }, [Units<RnnLayerOptions>(), .. OfEveryKind<RnnLayerOptions>()])));

    /// <summary>A stack of layers.</summary>
    public static ListOf<LayerOptions> Layers { get; } = new(s_layer, MostLayers);

    /// <summary>A stack of layers, described like the other.</summary>
    public static ListOf<LayerOptions> DecoderLayers { get; } = new(s_layer, MostLayers) { DescribesItems = false };

    /// <summary>A layer's kind as a job file names it.</summary>
    public static string NameOf(LayerOptions layer) => s_layer.NameOf(layer);

    static SectionKey<T> Units<T>() where T : LayerOptions =>
        new SectionKey<T, int>("units", "Units of the layer", new IntegerValue(1, LargestSize), x => x.Units, (x, v) => x with { Units = v }) { Required = true };

    static SectionKey<T>[] OfEveryKind<T>() where T : LayerOptions =>
    [
        new SectionKey<T, DirectionMerge>("bidirectional", "Whether a second layer runs backwards in time, and how both outputs become one", s_merge, x => x.Bidirectional, (x, v) => x with { Bidirectional = v }),
        new SectionKey<T, InitializationOptions>("initialization", "What the kernels start from", s_initialization, x => x.Initialization, (x, v) => x with { Initialization = v }),
        new SectionKey<T, bool>("learnedState", "The initial state is trained with the weights instead of zero", new FlagValue(), x => x.LearnedState, (x, v) => x with { LearnedState = v }),
    ];
}
