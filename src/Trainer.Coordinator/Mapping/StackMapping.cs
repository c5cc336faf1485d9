using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>From a list of layers to what stands one behind the other: layers, ways around them, normalisation, dropout.</summary>
/// <param name="features">Features that enter the first layer.</param>
/// <param name="dropout">Rate after each layer.</param>
/// <param name="recompute">Steps whose activations are kept at once; 0 for all.</param>
/// <param name="firstPlace">Place of the first layer, which masks are keyed by; what else the model has must lie elsewhere.</param>
sealed class StackMapping(int features, double dropout, int recompute, int firstPlace)
{
    readonly List<Layer> _stack = [];

    /// <summary>What is there so far.</summary>
    public IReadOnlyList<Layer> Layers => _stack;

    /// <summary>Features that the last one gives.</summary>
    public int Features { get; private set; } = features;

    int Place => firstPlace + _stack.Count;

    /// <summary>Appends a dropout of what enters the next layer.</summary>
    /// <param name="rate">Probability of zero; 0 for none.</param>
    public StackMapping WithDropout(double rate)
    {
        if (rate > 0) _stack.Add(new Dropout(Features, (float)rate, (uint)Place));
        return this;
    }

    /// <summary>Appends layers.</summary>
    /// <param name="layers">What the job says.</param>
    /// <param name="residual">True for a way around each layer but the first.</param>
    /// <param name="norm">True to normalise each layer's output.</param>
    public StackMapping With(IEnumerable<LayerOptions> layers, bool residual = false, bool norm = false)
    {
        ArgumentNullException.ThrowIfNull(layers);
        foreach (var (index, options) in layers.Index())
        {
            var layer = LayerMapping.Of(options, Features, Place, recompute);
            _stack.Add(residual && index > 0 ? new Residual(layer) : layer);
            Features = layer.OutputSize;
            if (norm) _stack.Add(new LayerNormalization(Features));

            // The mask of the dropout is keyed by its own place.
            if (dropout > 0) _stack.Add(new Dropout(Features, (float)dropout, (uint)Place));
        }

        return this;
    }
}
