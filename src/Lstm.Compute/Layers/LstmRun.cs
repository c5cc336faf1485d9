namespace LstmCluster.Compute;

/// <summary>An LSTM layer on a device.</summary>
sealed class LstmRun : RecurrentRun
{
    readonly Lstm _layer;
    readonly StepTensor _gates, _cellOutput, _newCells, _maskedHidden;
    readonly StepTensor _inputNormalized, _recurrentNormalized, _cellNormalized, _inverseDeviations;
    readonly StepTensor _dInputProduct, _dRecurrentProduct, _dCellNorm;

    public LstmRun(Lstm layer, IDevice device)
        : base(layer, device)
    {
        _layer = layer;
        var (options, units, gateRows) = (layer.Options, layer.Units, layer.GateRows);
        _gates = Kept(gateRows);

        // Only what the layer's options need has a width.
        _cellOutput = Kept(options.Projection > 0 ? units : 0);
        _newCells = Kept(options.ZoneoutCell > 0 ? units : 0);
        _maskedHidden = Kept(options.RecurrentDropout > 0 ? layer.OutputSize : 0);
        _inputNormalized = Kept(options.LayerNorm ? gateRows : 0);
        _recurrentNormalized = Kept(options.LayerNorm ? gateRows : 0);
        _cellNormalized = Kept(options.LayerNorm ? units : 0);
        _inverseDeviations = Kept(options.LayerNorm ? 3 : 0);
        _dInputProduct = KeptInTraining(options.LayerNorm ? gateRows : 0);
        _dRecurrentProduct = KeptInTraining(options.LayerNorm ? gateRows : 0);
        _dCellNorm = KeptInTraining(options.LayerNorm ? units : 0);
    }

    /// <summary>What went on in the last forward.</summary>
    /// <exception cref="InvalidOperationException">There was none, backward or another batch overwrote it, or the layer recomputes activations.</exception>
    public LstmTrace Trace()
    {
        if (!HoldsForward) throw new InvalidOperationException("there is no whole forward pass to trace: call Forward first and Backward afterwards, with a layer that keeps all steps");
        return LstmTrace.Of(Device, Shape(Whole), Activations(Whole));
    }

    protected override void Forward(LayerWeights weights, TimeWindow window) =>
        Device.LstmForward(Shape(window), ((LstmLayerWeights)weights).Value, Activations(window));

    protected override void Backward(LayerWeights weights, TimeWindow window, in WindowJoint joint) =>
        Device.LstmBackward(Shape(window), ((LstmLayerWeights)weights).Value, Activations(window), Gradients(window) with { Joint = joint });

    protected override DeviceSpan RecurrentProductGradient(int step) =>
        Of(_layer.Options.LayerNorm ? _dRecurrentProduct : _gates, new TimeWindow(step, 1));

    protected override void WeightGradient(TimeWindow window, RowRange rows, DeviceSpan gradient, Summation sum) =>
        Device.LstmWeightGradient(Shape(window), rows, Activations(window), Gradients(window), _layer.Views(gradient), sum);

    LstmShape Shape(TimeWindow window) =>
        new(window.Count, ShapeOf(window).Rows, _layer.InputSize, _layer.Units) { Options = _layer.Options };

    LstmActivations Activations(TimeWindow window) => new(Input(window), Of(_gates, window), Cells(window), Hidden(window))
    {
        Pass = PassOf(window),
        CellOutput = Of(_cellOutput, window),
        NewCells = Of(_newCells, window),
        MaskedHidden = Of(_maskedHidden, window),
        InputNormalized = Of(_inputNormalized, window),
        RecurrentNormalized = Of(_recurrentNormalized, window),
        CellNormalized = Of(_cellNormalized, window),
        InverseDeviations = Of(_inverseDeviations, window),
    };

    LstmGradients Gradients(TimeWindow window) =>
        new(OutputGradient(window), InputGradientOf(window), FinalGradient.Hidden, FinalGradient.Cell)
        {
            InputProduct = Of(_dInputProduct, window),
            RecurrentProduct = Of(_dRecurrentProduct, window),
            CellNorm = Of(_dCellNorm, window),
        };
}
