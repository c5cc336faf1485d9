namespace LstmCluster.Compute.Tests;

/// <summary>Layers one behind the other on a device, outside of a model, with gradients of the final states too.</summary>
sealed class LayerChain : IDisposable
{
    readonly IReadOnlyList<Layer> _layers;
    readonly Operands _operands;
    readonly LayerWeights[] _weights;
    readonly LayerRun[] _runs;
    readonly ParameterLayout.Builder _builder = new();
    readonly List<ParameterRange> _ranges = [];
    readonly Pass _pass;

    /// <param name="layers">The layers.</param>
    /// <param name="operands">Where.</param>
    /// <param name="tensor">The values of each named tensor, such as <c>layers.0.weight_ih_l0</c>.</param>
    /// <param name="shape">T and N.</param>
    /// <param name="lengths">Time steps of each row.</param>
    public LayerChain(IReadOnlyList<Layer> layers, Operands operands, Func<string, double[]> tensor, BatchShape shape, int[] lengths)
    {
        (_layers, _operands) = (layers, operands);
        foreach (var (index, layer) in layers.Index())
            _ranges.Add(_builder.Declare($"layers.{index}", layer));
        Parameters = _builder.Build();
        var vector = operands.Numbers("parameters", [.. Parameters.Parameters.SelectMany(parameter => tensor(parameter.Name))]);
        _weights = [.. layers.Select(layer => layer.CreateWeights(operands.Device, training: true))];
        _runs = [.. layers.Select(layer => layer.CreateRun(operands.Device))];
        _pass = new Pass(shape, Training: true, MaskKey: 0, operands.Indices(new int[2 * shape.Rows]), operands.Indices(lengths));
        for (var index = 0; index < layers.Count; index++)
        {
            _weights[index].Load(_ranges[index].Of(vector));
            _runs[index].Reserve(shape, training: true);
            _runs[index].ResetState(shape);
        }
    }

    public ParameterLayout Parameters { get; }

    /// <summary>Sets what the rows of a layer start from, [N,S].</summary>
    public void WriteStates(int layer, double[] states)
    {
        foreach (var (row, state) in states.Chunk(_layers[layer].StateSize).Index())
            _runs[layer].WriteState(row, _pass.Shape, Array.ConvertAll(state, value => (float)value));
    }

    /// <summary>y of the last layer.</summary>
    public double[] Forward(double[] x)
    {
        var y = _operands.Numbers("x", x);
        for (var index = 0; index < _runs.Length; index++)
            y = _runs[index].Forward(_weights[index], _pass, y);
        return _operands.Read(y);
    }

    /// <summary>What the rows of a layer ended with, [N,S].</summary>
    public double[] FinalStates(int layer)
    {
        var (states, size) = (new float[_pass.Shape.Rows * _layers[layer].StateSize], _layers[layer].StateSize);
        for (var row = 0; row < _pass.Shape.Rows; row++)
            _runs[layer].ReadState(row, _pass.Shape, states.AsSpan(row * size, size));
        return Array.ConvertAll(states, value => (double)value);
    }

    /// <summary>dx of the first layer.</summary>
    /// <param name="dy">Gradient of y.</param>
    /// <param name="finalGradient">Gradient of a layer's final states, [N,S]; null for none.</param>
    public double[] Backward(double[] dy, Func<int, double[]?> finalGradient)
    {
        var dx = _operands.Numbers("dy", dy);
        for (var index = _runs.Length - 1; index >= 0; index--)
        {
            if (finalGradient(index) is not { } gradient)
            {
                dx = _runs[index].Backward(_weights[index], _pass, dx);
                continue;
            }

            if (_runs[index] is BidirectionalRun both)
                both.BeginBackward(_pass, dx);
            else
                ((RecurrentRun)_runs[index]).BeginBackward(dx);
            Write(index, gradient);
            dx = _runs[index] is BidirectionalRun run
                ? run.FinishBackward(_weights[index])
                : ((RecurrentRun)_runs[index]).FinishBackward(_weights[index]);
        }

        return _operands.Read(dx);
    }

    /// <summary>Gradient of a layer's initial states after <see cref="Backward"/>, [N,S].</summary>
    public double[] InitialGradients(int layer)
    {
        var parts = Directions(layer).SelectMany(run => Parts(run.InitialGradient)).Select(_operands.Read).ToList();
        return [.. Enumerable.Range(0, _pass.Shape.Rows).SelectMany(row => parts.SelectMany(part => part.Chunk(part.Length / _pass.Shape.Rows).ElementAt(row)))];
    }

    /// <summary>Gradient of all parameters over all rows.</summary>
    public double[] Gradient()
    {
        var gradient = _operands.Unwritten("gradient", Parameters.Length);
        for (var index = 0; index < _runs.Length; index++)
            _runs[index].ShardGradient(new(0, _pass.Shape.Rows), _ranges[index].Of(gradient), accumulate: false);
        return _operands.Read(gradient);
    }

    public void Dispose()
    {
        foreach (var owned in _runs.Cast<IDisposable>().Concat(_weights))
            owned.Dispose();
    }

    void Write(int layer, double[] gradient)
    {
        var offset = 0;
        foreach (var part in Directions(layer).SelectMany(run => Parts(run.FinalGradient)))
        {
            var width = part.Length / _pass.Shape.Rows;
            var values = gradient.Chunk(_layers[layer].StateSize).SelectMany(row => row[offset..(offset + width)]);
            _operands.Device.Write(part, [.. values.Select(value => (float)value)]);
            offset += width;
        }
    }

    RecurrentRun[] Directions(int layer) =>
        _runs[layer] is BidirectionalRun both ? [both.ForwardRun, both.BackwardRun] : [(RecurrentRun)_runs[layer]];

    static DeviceSpan[] Parts(RecurrentState state) => state.Cell.IsEmpty ? [state.Hidden] : [state.Hidden, state.Cell];
}
