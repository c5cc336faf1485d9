namespace LstmCluster.Compute;

/// <summary>The way from the encoder's final states to the decoder's initial ones.</summary>
/// <remarks>
/// Recurrent layers meet at the top: the last of the decoder starts from the last of the encoder; decoder layers below the encoder's first start from that one. Where both are
/// of one kind and size and the encoder has one direction, the state is copied. Else each part of it (hidden state, cell) is <c>tanh(W s + b)</c> of the same part s of the
/// final states of all directions side by side, and of their hidden states where the encoder has no cells.
/// </remarks>
sealed class Bridge : ModelPart
{
    /// <param name="encoder">Layers over the source.</param>
    /// <param name="decoder">Layers over the target.</param>
    /// <exception cref="ArgumentException">One of them has no recurrent layer.</exception>
    public Bridge(IReadOnlyList<Layer> encoder, IReadOnlyList<Layer> decoder)
    {
        Levels = [.. encoder.Select(DirectionsOf).Where(directions => directions.Length > 0)];
        var targets = decoder.OfType<RecurrentLayer>().ToList();
        if (Levels.Count == 0) throw new ArgumentException("an encoder needs a recurrent layer", nameof(encoder));
        if (targets.Count == 0) throw new ArgumentException("a decoder needs a recurrent layer", nameof(decoder));
        Spans = [.. targets.Select((target, index) => new BridgeSpan(Math.Max(0, index + Levels.Count - targets.Count), Levels, target))];
    }

    /// <summary>The encoder's recurrent layers, each with its directions.</summary>
    public IReadOnlyList<IReadOnlyList<RecurrentLayer>> Levels { get; }

    /// <summary>One for each recurrent layer of the decoder.</summary>
    public IReadOnlyList<BridgeSpan> Spans { get; }

    public override void Declare(ParameterLayout.Builder parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        foreach (var (index, span) in Spans.Index())
        {
            foreach (var map in span.Maps)
            {
                var uniform = new UniformInitializer(1 / Math.Sqrt(map.Inputs));
                parameters.Add($"{index}.{map.Name}.weight", uniform, map.Outputs, map.Inputs);
                parameters.Add($"{index}.{map.Name}.bias", uniform, map.Outputs);
            }
        }
    }

    public override LayerWeights CreateWeights(IDevice device, bool training) => new BridgeWeights(this, device, training);

    static RecurrentLayer[] DirectionsOf(Layer layer) => layer switch
    {
        RecurrentLayer recurrent => [recurrent],
        Bidirectional both => [both.Forward, both.Backward],
        Residual residual => DirectionsOf(residual.Inner),
        _ => [],
    };
}

/// <summary>The way to one layer of the decoder.</summary>
sealed class BridgeSpan
{
    public BridgeSpan(int level, IReadOnlyList<IReadOnlyList<RecurrentLayer>> levels, RecurrentLayer target)
    {
        (Level, Target) = (level, target);
        var sources = levels[level];
        var copies = sources.Count == 1 && sources[0].GetType() == target.GetType()
            && (sources[0].OutputSize, sources[0].CellSize) == (target.OutputSize, target.CellSize);
        if (copies) return;
        var (hidden, cells) = (sources.Sum(source => source.OutputSize), sources.Sum(source => source.CellSize));
        var ofHidden = new BridgeMap("hidden", FromCells: false, hidden, target.OutputSize);
        Maps = target.CellSize == 0 ? [ofHidden] : [ofHidden, new BridgeMap("cell", cells > 0, cells > 0 ? cells : hidden, target.CellSize)];
    }

    /// <summary>Index of the encoder's recurrent layer.</summary>
    public int Level { get; }

    /// <summary>The decoder's layer.</summary>
    public RecurrentLayer Target { get; }

    /// <summary>The map of the hidden state, and that of the cell if the decoder has one; empty where the state is copied.</summary>
    public IReadOnlyList<BridgeMap> Maps { get; } = [];
}

/// <summary>A learned map of a part of the state.</summary>
/// <param name="Name">Of the part.</param>
/// <param name="FromCells">True to read the encoder's cells, false its hidden states.</param>
/// <param name="Inputs">Features of all directions.</param>
/// <param name="Outputs">Features of the decoder's part.</param>
sealed record BridgeMap(string Name, bool FromCells, int Inputs, int Outputs)
{
    public int Parameters => (Inputs + 1) * Outputs;

    /// <summary>Kernel and bias within the map's run of a vector.</summary>
    public (DeviceSpan Kernel, DeviceSpan Bias) Views(DeviceSpan parameters) =>
        (parameters.Slice(0, Inputs * Outputs), parameters.Slice(Inputs * Outputs, Outputs));
}

sealed class BridgeWeights(Bridge bridge, IDevice device, bool training) : LayerWeights
{
    readonly BridgeMap[] _maps = [.. bridge.Spans.SelectMany(span => span.Maps)];
    readonly PreparedPair[] _prepared =
        [.. bridge.Spans.SelectMany(span => span.Maps).Select(map => new PreparedPair(device, map.Outputs, map.Inputs, training))];

    readonly DeviceSpan[] _biases = new DeviceSpan[bridge.Spans.Sum(span => span.Maps.Count)];

    /// <summary>The weights of a map, counted over all spans.</summary>
    public AffineWeights this[int map] => new(_prepared[map].Forward, _prepared[map].Backward, _biases[map]);

    public override void Load(DeviceSpan parameters)
    {
        var offset = 0;
        for (var index = 0; index < _maps.Length; offset += _maps[index++].Parameters)
        {
            var (kernel, bias) = _maps[index].Views(parameters.Slice(offset, _maps[index].Parameters));
            _prepared[index].Load(kernel);
            _biases[index] = bias;
        }
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var matrix in _prepared) matrix.Dispose();
    }
}
