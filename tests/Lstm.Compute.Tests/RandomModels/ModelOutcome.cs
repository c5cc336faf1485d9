namespace LstmCluster.Compute.Tests;

/// <summary>What a batch gives on a device: out of training, then in training.</summary>
sealed record ModelOutcome(double[] Inferred, double[] InferredLosses, double[] Outputs, double[] Losses, double[] States, double[][] Gradients)
{
    /// <summary>The outcome of the whole batch with the gradient of all shards.</summary>
    public static ModelOutcome Of(ModelSample sample, IDevice device) =>
        Of(sample, device, sample.Whole, [new ShardTree(sample.Whole.Shards.Length).Root]);

    /// <summary>The outcome of a batch.</summary>
    /// <param name="sample">The model.</param>
    /// <param name="device">Where.</param>
    /// <param name="batch">All of the sample's batch, or some rows of it.</param>
    /// <param name="nodes">What to sum gradients over.</param>
    /// <param name="precision">What gradients are rounded to.</param>
    public static ModelOutcome Of(
        ModelSample sample, IDevice device, SampleBatch batch, IReadOnlyList<ShardRange> nodes, GradientPrecision precision = GradientPrecision.Fp32)
    {
        using var operands = new Operands(device, Placement.BetweenNotNumbers);
        using var weights = new ModelWeights(sample.Model, device, training: true);
        using var run = sample.Model.CreateRun(device);
        weights.Load(operands.Numbers("parameters", sample.Parameters));

        var inferred = Forward(training: false);
        var inferredLosses = Losses();
        var outputs = Forward(training: true);
        var losses = Losses();
        double[] states = [.. Enumerable.Range(0, batch.Shape.Rows).SelectMany(State)];
        GradientTarget[] targets = [.. nodes.Select(node => new GradientTarget(node, operands.Unwritten($"gradient of {node}", sample.Parameters.Length)))];
        var finished = new FinishedRuns(operands, targets);
        run.GradientPrecision = precision;
        run.Backward(weights, targets, finished.Tell);
        finished.ShouldBeTheWholeVectorOnce(sample.Parameters.Length);
        return new(inferred, inferredLosses, outputs, losses, states, [.. targets.Select(target => operands.Read(target.Gradient))]);

        double[] Forward(bool training)
        {
            ModelSample.Load(run, batch);
            run.Forward(weights, training, sample.MaskKey);
            var values = new float[run.LossShape.Positions * sample.Outputs];
            run.ReadOutputs(values);
            return Array.ConvertAll(values, value => (double)value);
        }

        double[] Losses()
        {
            run.Losses(new float[run.LossShape.Positions]);
            return operands.Read(ModelSample.LossesOf(run));
        }

        double[] State(int row)
        {
            var state = new float[sample.Model.StateSize];
            run.ReadState(row, state);
            return Array.ConvertAll(state, value => (double)value);
        }
    }

    /// <summary>Each part with its name.</summary>
    public IEnumerable<(string Name, double[] Values)> Parts =>
        new (string, double[])[] { ("inferred outputs", Inferred), ("inferred losses", InferredLosses), ("outputs", Outputs), ("losses", Losses), ("states", States) }
            .Concat(Gradients.Select((gradient, index) => ($"gradient {index}", gradient)));

    public void ShouldHaveTheBitsOf(ModelOutcome wanted, string label)
    {
        foreach (var ((name, values), (_, expected)) in Parts.Zip(wanted.Parts))
            values.ShouldHaveTheBitsOf(expected, $"{name}, {label}");
    }
}
