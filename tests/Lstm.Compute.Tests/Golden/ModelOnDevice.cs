namespace LstmCluster.Compute.Tests;

/// <summary>A model on a device with its weights, a gradient vector, and one batch at a time as a single shard.</summary>
sealed class ModelOnDevice : IDisposable
{
    readonly Operands _operands;
    readonly ModelWeights _weights;
    readonly SequenceRun _run;

    /// <summary>Puts a model on a device.</summary>
    /// <param name="model">The model.</param>
    /// <param name="device">Where.</param>
    /// <param name="tensors">The values of each named tensor.</param>
    public ModelOnDevice(SequenceModel model, IDevice device, Func<string, double[]> tensors)
    {
        Model = model;
        _operands = new Operands(device, Placement.BetweenNotNumbers);
        Weights = _operands.Numbers("weights", [.. model.Parameters.Parameters.SelectMany(parameter => tensors(parameter.Name))]);
        Gradient = _operands.Unwritten("gradient", model.Parameters.Length);
        _weights = new ModelWeights(model, device, training: true);
        _run = new SequenceRun(model, device);
    }

    public SequenceModel Model { get; }

    public DeviceSpan Weights { get; }

    public DeviceSpan Gradient { get; }

    /// <summary>Another vector like the weights, of zeros: optimizer state.</summary>
    public DeviceSpan Zeros(string name) => _operands.Numbers(name, new double[Model.Parameters.Length]);

    /// <summary>A named tensor within a vector like the weights.</summary>
    public double[] Tensor(DeviceSpan vector, Parameter parameter) => _operands.Read(vector.Slice(parameter.Offset, parameter.Length));

    /// <summary>Forward with the present weights.</summary>
    /// <returns>The scores.</returns>
    public double[] Forward(BatchShape shape, int[] tokens, int[] targets, float[][] states)
    {
        _weights.Load(Weights);
        _run.Load(shape, tokens, targets, [new ShardRows(0, new(0, shape.Rows))]);
        for (var row = 0; row < shape.Rows; row++)
            _run.WriteState(row, states[row]);
        _run.Forward(_weights, training: true);
        var logits = new float[shape.Positions * Model.Outputs];
        _run.ReadOutputs(logits);
        return [.. logits];
    }

    /// <summary>Loss and backward of the last forward.</summary>
    /// <returns>The sum of the losses.</returns>
    public double Backward(BatchShape shape)
    {
        var losses = new float[shape.Positions];
        _run.Losses(losses);
        _run.Backward(_weights, [new GradientTarget(new(0, 1), Gradient)]);
        return losses.Sum(loss => (double)loss);
    }

    /// <summary>The state that each row ended with.</summary>
    public float[][] States(BatchShape shape)
    {
        var states = new float[shape.Rows][];
        for (var row = 0; row < shape.Rows; row++)
            _run.ReadState(row, states[row] = new float[Model.StateSize]);
        return states;
    }

    public void Dispose()
    {
        _run.Dispose();
        _weights.Dispose();
        _operands.Dispose();
    }
}
