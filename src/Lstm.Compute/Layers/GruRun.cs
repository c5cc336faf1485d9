namespace LstmCluster.Compute;

/// <summary>A GRU layer on a device.</summary>
sealed class GruRun : RecurrentRun
{
    readonly Gru _layer;
    readonly StepTensor _gates, _candidateProduct, _dRecurrentProduct;

    public GruRun(Gru layer, IDevice device)
        : base(layer, device)
    {
        _layer = layer;
        _gates = Kept(layer.GateRows);
        _candidateProduct = Kept(layer.Units);
        _dRecurrentProduct = KeptInTraining(layer.GateRows);
    }

    protected override void Forward(LayerWeights weights, TimeWindow window) =>
        Device.GruForward(Shape(window), ((GruLayerWeights)weights).Value, Activations(window));

    protected override void Backward(LayerWeights weights, TimeWindow window, in WindowJoint joint) =>
        Device.GruBackward(Shape(window), ((GruLayerWeights)weights).Value, Activations(window), Gradients(window) with { Joint = joint });

    protected override DeviceSpan RecurrentProductGradient(int step) => Of(_dRecurrentProduct, new TimeWindow(step, 1));

    protected override void WeightGradient(TimeWindow window, RowRange rows, DeviceSpan gradient, Summation sum) =>
        Device.GruWeightGradient(Shape(window), rows, Activations(window), Gradients(window), _layer.Views(gradient), sum);

    RecurrentShape Shape(TimeWindow window) =>
        new(window.Count, ShapeOf(window).Rows, _layer.InputSize, _layer.Units) { Reverse = _layer.Reverse };

    GruActivations Activations(TimeWindow window) =>
        new(Input(window), Of(_gates, window), Of(_candidateProduct, window), Hidden(window)) { Pass = PassOf(window) };

    GruGradients Gradients(TimeWindow window) =>
        new(OutputGradient(window), InputGradientOf(window), FinalGradient.Hidden, Of(_dRecurrentProduct, window));
}
