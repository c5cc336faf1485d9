using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>From a layer of a job to what computes it.</summary>
static class LayerMapping
{
    // Apart from the masks of the dropout between layers, which are numbered by place; both directions of a layer are apart in the highest bit.
    const uint FirstRecurrentStream = 1 << 16, StreamsPerLayer = 4, BackwardStreams = 1u << 31;

    /// <summary>The layer.</summary>
    /// <param name="options">What the job says.</param>
    /// <param name="features">D, features of its input.</param>
    /// <param name="place">Its place in the model, which its masks are keyed by.</param>
    /// <param name="recompute">Steps whose activations are kept at once; 0 for all.</param>
    public static Layer Of(LayerOptions options, int features, int place, int recompute)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Bidirectional switch
        {
            DirectionMerge.None => OneDirection(options, features, place, recompute, reverse: false),
            DirectionMerge.Concatenate => Both(Merge.Concatenate),
            DirectionMerge.Sum => Both(Merge.Sum),
            DirectionMerge.Average => Both(Merge.Average),
            _ => throw new NotSupportedException($"no merge for {options.Bidirectional}"),
        };

        Bidirectional Both(Merge merge) => new(
            OneDirection(options, features, place, recompute, reverse: false), OneDirection(options, features, place, recompute, reverse: true), merge);
    }

    static RecurrentLayer OneDirection(LayerOptions options, int features, int place, int recompute, bool reverse)
    {
        var (initialization, learned) = (Initialization(options.Initialization), options.LearnedState);
        var firstStream = (FirstRecurrentStream + ((uint)place * StreamsPerLayer)) ^ (reverse ? BackwardStreams : 0);
        return options switch
        {
            LstmLayerOptions lstm => new Lstm(features, lstm.Units, (float)lstm.ForgetBias, Options(lstm, firstStream, reverse))
            {
                InputBias = (float?)lstm.InputBias,
                OutputBias = (float?)lstm.OutputBias,
                Initialization = initialization,
                LearnedInitialState = learned,
                RecomputeSteps = recompute,
            },
            GruLayerOptions gru => new Gru(features, gru.Units, reverse) { Initialization = initialization, LearnedInitialState = learned, RecomputeSteps = recompute },
            RnnLayerOptions rnn => new Rnn(features, rnn.Units, reverse) { Initialization = initialization, LearnedInitialState = learned, RecomputeSteps = recompute },
            _ => throw new NotSupportedException($"no layer for {options.GetType().Name}"),
        };
    }

    static RecurrentInitialization Initialization(InitializationOptions options) => new(Kernel(options.Kernel), Kernel(options.Recurrent));

    static KernelInitialization Kernel(InitialKernel kind) => kind switch
    {
        InitialKernel.Uniform => KernelInitialization.Uniform,
        InitialKernel.Glorot => KernelInitialization.Glorot,
        InitialKernel.Orthogonal => KernelInitialization.Orthogonal,
        _ => throw new NotSupportedException($"no initialisation for {kind}"),
    };

    static LstmOptions Options(LstmLayerOptions lstm, uint firstStream, bool reverse) => new()
    {
        Reverse = reverse,
        Peephole = lstm.Peephole,
        LayerNorm = lstm.LayerNorm,
        CoupledInputForget = lstm.CoupledInputForget,
        Projection = lstm.Projection,
        CellClip = (float)lstm.CellClip,
        RecurrentDropout = (float)lstm.RecurrentDropout,
        ZoneoutHidden = (float)lstm.ZoneoutHidden,
        ZoneoutCell = (float)lstm.ZoneoutCell,
        MaskStream = firstStream,
    };
}
