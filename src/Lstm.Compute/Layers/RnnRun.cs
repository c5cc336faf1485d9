namespace LstmCluster.Compute;

/// <summary>An RNN layer on a device.</summary>
sealed class RnnRun(Rnn layer, IDevice device) : RecurrentRun(layer, device)
{
    protected override void Forward(LayerWeights weights, TimeWindow window) =>
        Device.RnnForward(Shape(window), ((RnnLayerWeights)weights).Value, Activations(window));

    protected override void Backward(LayerWeights weights, TimeWindow window, in WindowJoint joint) =>
        Device.RnnBackward(Shape(window), ((RnnLayerWeights)weights).Value, Activations(window), Gradients(window) with { Joint = joint });

    // The gradient of the pre-activations stands in place of dy.
    protected override DeviceSpan RecurrentProductGradient(int step) => OutputGradient(new TimeWindow(step, 1));

    protected override void WeightGradient(TimeWindow window, RowRange rows, DeviceSpan gradient, Summation sum) =>
        Device.RnnWeightGradient(Shape(window), rows, Activations(window), Gradients(window), layer.Views(gradient), sum);

    RecurrentShape Shape(TimeWindow window) => new(window.Count, ShapeOf(window).Rows, layer.InputSize, layer.Units) { Reverse = layer.Reverse };

    RnnActivations Activations(TimeWindow window) => new(Input(window), Hidden(window)) { Pass = PassOf(window) };

    RnnGradients Gradients(TimeWindow window) => new(OutputGradient(window), InputGradientOf(window), FinalGradient.Hidden);
}
