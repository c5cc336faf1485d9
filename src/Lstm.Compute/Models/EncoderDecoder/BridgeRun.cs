namespace LstmCluster.Compute;

/// <summary>A bridge on a device.</summary>
sealed class BridgeRun : IShardGradient, IDisposable
{
    readonly Bridge _bridge;
    readonly IDevice _device;
    readonly EncoderRun _encoder;
    readonly LearnedState[][] _learned;

    /// <param name="bridge">The description.</param>
    /// <param name="encoder">Gives the final states, and takes their gradients.</param>
    /// <param name="device">Where.</param>
    public BridgeRun(Bridge bridge, EncoderRun encoder, IDevice device)
    {
        (_bridge, _encoder, _device) = (bridge, encoder, device);
        _learned = [.. bridge.Spans.Select(span => span.Maps.Select(map => new LearnedState(map, encoder.Levels[span.Level], device)).ToArray())];
    }

    bool IShardGradient.CanAccumulate => true;

    /// <summary>Makes room for so many rows.</summary>
    public void Reserve(int rows, bool training)
    {
        foreach (var maps in _learned)
            foreach (var map in maps)
                map.Reserve(rows, training);
    }

    /// <summary>Computes every start state, after the encoder's forward.</summary>
    public void Forward(LayerWeights weights, int rows)
    {
        var index = 0;
        foreach (var maps in _learned)
            foreach (var map in maps)
                map.Forward(((BridgeWeights)weights)[index++], rows);
    }

    /// <summary>What a recurrent layer of the decoder starts from.</summary>
    public RecurrentState Start(int layer) => _learned[layer] switch
    {
        [] => _encoder.Levels[_bridge.Spans[layer].Level][0].Run.Final,
        [var hidden] => new(hidden.State, default),
        var maps => new(maps[0].State, maps[1].State),
    };

    /// <summary>Adds the gradient of every start state to those of the encoder's final states, which were cleared before.</summary>
    /// <param name="weights">The same weights.</param>
    /// <param name="decoder">The decoder's recurrent layers, after their backward pass.</param>
    public void Backward(LayerWeights weights, IReadOnlyList<RecurrentRun> decoder)
    {
        var index = 0;
        for (var layer = 0; layer < _learned.Length; layer++)
        {
            var gradient = decoder[layer].InitialGradient;
            var maps = _learned[layer];
            for (var part = 0; part < maps.Length; part++)
                maps[part].Backward(((BridgeWeights)weights)[index++], part == 0 ? gradient.Hidden : gradient.Cell);
            if (maps.Length > 0) continue;
            var final = _encoder.Levels[_bridge.Spans[layer].Level][0].FinalGradient;
            _device.Add(final.Hidden, gradient.Hidden);
            if (!gradient.Cell.IsEmpty) _device.Add(final.Cell, gradient.Cell);
        }
    }

    /// <inheritdoc/>
    public void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate)
    {
        var offset = 0;
        foreach (var maps in _learned)
        {
            foreach (var map in maps)
            {
                map.Gradient(rows, gradient.Slice(offset, map.Parameters), accumulate);
                offset += map.Parameters;
            }
        }
    }

    public void Dispose()
    {
        foreach (var map in _learned.SelectMany(maps => maps)) map.Dispose();
    }

    /// <summary>A part of a start state as a learned map of final states.</summary>
    sealed class LearnedState(BridgeMap map, EncoderState[] sources, IDevice device) : IDisposable
    {
        readonly AffineRun _affine = new(map.Inputs, map.Outputs, device);
        readonly StepTensor _joined = new(device, map.Inputs), _state = new(device, map.Outputs);
        int _rows;

        public int Parameters => map.Parameters;

        public DeviceSpan State => _state.Steps(0, 1, _rows);

        public void Reserve(int rows, bool training)
        {
            _affine.Reserve(rows, training);
            _joined.Reserve(1, rows);
            _state.Reserve(1, rows);
        }

        public void Forward(in AffineWeights weights, int rows)
        {
            _rows = rows;
            var joined = _joined.Steps(0, 1, rows);
            var column = 0;
            foreach (var source in sources)
            {
                var (part, width) = PartOf(source.Run.Final, source);
                device.CopyColumns(rows, width, part, width, 0, joined, map.Inputs, column, add: false);
                column += width;
            }

            _affine.Begin(new(1, rows), joined);
            device.Tanh(_affine.ForwardSteps(weights, 0, 1), State);
        }

        public void Backward(in AffineWeights weights, DeviceSpan gradient)
        {
            device.TanhGradient(State, gradient);
            var joined = _affine.Backward(weights, gradient);
            var column = 0;
            foreach (var source in sources)
            {
                var (part, width) = PartOf(source.FinalGradient, source);
                device.CopyColumns(_rows, width, joined, map.Inputs, column, part, width, 0, add: true);
                column += width;
            }
        }

        public void Gradient(RowRange rows, DeviceSpan gradient, bool accumulate)
        {
            var (kernel, bias) = map.Views(gradient);
            _affine.Gradient(rows, kernel, bias, accumulate);
        }

        public void Dispose()
        {
            _affine.Dispose();
            _joined.Dispose();
            _state.Dispose();
        }

        (DeviceSpan Part, int Width) PartOf(RecurrentState state, EncoderState source) =>
            map.FromCells ? (state.Cell, source.Layer.CellSize) : (state.Hidden, source.Layer.OutputSize);
    }
}
