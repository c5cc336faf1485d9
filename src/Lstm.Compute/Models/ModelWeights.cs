namespace LstmCluster.Compute;

/// <summary>One weight version of a model on one device kind, prepared for its kernels.</summary>
public sealed class ModelWeights : IDisposable
{
    readonly Model _model;
    readonly LayerWeights[] _layers;
    readonly long[] _loaded;

    /// <summary>Makes room for a weight version.</summary>
    /// <param name="model">The model.</param>
    /// <param name="device">Where.</param>
    /// <param name="training">False to leave out what only a backward pass needs.</param>
    public ModelWeights(Model model, IDevice device, bool training)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_model, IsForTraining) = (model, training);
        _layers = [.. model.Parts.Select(part => part.CreateWeights(device, training))];
        _loaded = new long[_layers.Length];
        Unload();
    }

    /// <summary>False when what only a backward pass needs was left out.</summary>
    public bool IsForTraining { get; }

    /// <summary>Takes over a weight version.</summary>
    /// <param name="parameters">The parameter vector, which must stay as it is while these weights are in use.</param>
    public void Load(DeviceSpan parameters)
    {
        for (var index = 0; index < _layers.Length; index++) _layers[index].Load(_model.Ranges[index].Of(parameters));
    }

    /// <summary>Takes over a weight version together with other threads that call this at the same time: each layer is prepared once.</summary>
    /// <param name="parameters">The parameter vector, the same for all.</param>
    /// <param name="version">Number of the weight version; never that of other weights.</param>
    /// <param name="firstLayer">Where this thread starts, modulo the number of layers.</param>
    public void LoadShared(DeviceSpan parameters, long version, int firstLayer)
    {
        for (var turn = 0; turn < _layers.Length; turn++)
        {
            var index = (int)((uint)(firstLayer + turn) % (uint)_layers.Length);
            lock (_layers[index])
            {
                if (_loaded[index] == version) continue;
                _layers[index].Load(_model.Ranges[index].Of(parameters));
                _loaded[index] = version;
            }
        }
    }

    /// <summary>Forgets what was loaded, because its parameter vector is given back; the memory is kept for the next version.</summary>
    public void Unload() => Array.Fill(_loaded, -1);

    /// <summary>Frees the prepared forms.</summary>
    public void Dispose()
    {
        foreach (var layer in _layers) layer.Dispose();
    }

    internal LayerWeights this[int layer] => _layers[layer];
}
