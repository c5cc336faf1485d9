using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>From a layer of a job to what computes it.</summary>
static class LayerMapping
{
    // Apart from the masks of the dropout between layers, which are numbered by place.
    const uint FirstRecurrentStream = 1 << 16, StreamsPerLayer = 4;

    /// <summary>The layer.</summary>
    /// <param name="options">What the job says.</param>
    /// <param name="features">D, features of its input.</param>
    /// <param name="place">Its place in the model, which its masks are keyed by.</param>
    public static Layer Of(LayerOptions options, int features, int place) => options switch
    {
        LstmLayerOptions lstm => new Lstm(features, lstm.Units, (float)lstm.ForgetBias, Options(lstm, FirstStream(place))),
        GruLayerOptions gru => new Gru(features, gru.Units),
        RnnLayerOptions rnn => new Rnn(features, rnn.Units),
        _ => throw new NotSupportedException($"no layer for {options.GetType().Name}"),
    };

    static uint FirstStream(int place) => FirstRecurrentStream + ((uint)place * StreamsPerLayer);

    static LstmOptions Options(LstmLayerOptions lstm, uint firstStream) => new()
    {
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
