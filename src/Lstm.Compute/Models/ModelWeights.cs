namespace LstmCluster.Compute;

/// <summary>One weight version of a model on one device kind, prepared for its kernels.</summary>
public sealed class ModelWeights : IDisposable
{
    readonly SequenceModel _model;
    readonly LayerWeights[] _layers;

    /// <summary>Makes room for a weight version.</summary>
    /// <param name="model">The model.</param>
    /// <param name="device">Where.</param>
    /// <param name="training">False to leave out what only a backward pass needs.</param>
    public ModelWeights(SequenceModel model, IDevice device, bool training)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _layers = [.. model.Layers.Select(layer => layer.CreateWeights(device, training))];
    }

    /// <summary>Takes over a weight version.</summary>
    /// <param name="parameters">The parameter vector, which must stay as it is while these weights are in use.</param>
    public void Load(DeviceSpan parameters)
    {
        for (var index = 0; index < _layers.Length; index++) _layers[index].Load(_model.Ranges[index].Of(parameters));
    }

    /// <summary>Frees the prepared forms.</summary>
    public void Dispose()
    {
        foreach (var layer in _layers) layer.Dispose();
    }

    internal LayerWeights this[int layer] => _layers[layer];
}
