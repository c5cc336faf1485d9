namespace LstmCluster.Compute.Tests;

/// <summary>One layer of any kind over one batch with random numbers, and its whole life on a device: forward, backward, weight gradient.</summary>
sealed class LayerCase
{
    const ulong MaskKey = 0x1234_5678_9ABC_DEF0;

    public LayerCase(Layer layer, BatchShape shape, int seed)
    {
        (Layer, Shape) = (layer, shape);
        var draw = new Draw(seed);
        Parameters = draw.Uniform(ParameterLayout.LengthOf(layer));
        (X, Dy) = (draw.Uniform(shape.Positions * layer.InputSize, 2), draw.Uniform(shape.Positions * layer.OutputSize));
        States = [.. Enumerable.Range(0, shape.Rows).Select(_ => Array.ConvertAll(draw.Uniform(layer.StateSize), value => (float)value))];
        RowKeys = [.. Enumerable.Range(0, shape.Rows).SelectMany(row => new[] { 3, row })];
    }

    public Layer Layer { get; }

    public BatchShape Shape { get; }

    public double[] Parameters { get; init; }

    public double[] X { get; init; }

    /// <summary>Gradient of the output; what stands at padded positions is not used.</summary>
    public double[] Dy { get; init; }

    /// <summary>What each row starts from.</summary>
    public float[][] States { get; init; }

    public int[] RowKeys { get; init; }

    /// <summary>Time steps of each row; null when all have T.</summary>
    public int[]? Lengths { get; init; }

    public bool Training { get; init; } = true;

    /// <summary>The same numbers with lengths, among them 0 and T where the batch has several rows.</summary>
    public LayerCase Ragged(int seed)
    {
        var lengths = new Draw(seed).Integers(Shape.Rows, 0, Shape.Steps + 1);
        if (Shape.Rows > 1)
            (lengths[0], lengths[^1]) = (Shape.Steps, 0);
        return With(lengths);
    }

    /// <summary>The same numbers with lengths.</summary>
    public LayerCase With(int[] lengths) => new(Layer, Shape, seed: 0)
    {
        Parameters = Parameters,
        X = X,
        Dy = Dy,
        States = States,
        RowKeys = RowKeys,
        Lengths = lengths,
        Training = Training,
    };

    /// <summary>One row without its padding; it needs a step at least.</summary>
    public LayerCase Alone(int row)
    {
        var steps = Lengths?[row] ?? Shape.Steps;
        return new(Layer, new(steps, 1), seed: 0)
        {
            Parameters = Parameters,
            X = Of(X, row, steps),
            Dy = Of(Dy, row, steps),
            States = [States[row]],
            RowKeys = RowKeys[(2 * row)..((2 * row) + 2)],
            Training = Training,
        };
    }

    /// <summary>The first steps of one row of a tensor [T,N,width].</summary>
    public double[] Of(double[] values, int row, int steps) =>
        LstmCase.RowsOf(values, new(steps, Shape.Rows), new(row, 1), values.Length / Shape.Positions);

    /// <summary>A tensor [T,N,width] with zeros at padded positions.</summary>
    public double[] WithoutPadding(double[] values)
    {
        var width = values.Length / Shape.Positions;
        return [.. values.Select((value, index) => Lengths is null || index / width / Shape.Rows < Lengths[index / width % Shape.Rows] ? value : 0)];
    }

    /// <summary>The product of y and dy that backward differentiates.</summary>
    public double Loss(LayerOutcome outcome) => LstmGradientTests.Dot(outcome.Y, WithoutPadding(Dy));

    /// <summary>Runs the layer.</summary>
    /// <param name="operands">Where.</param>
    /// <param name="backward">False for forward only.</param>
    /// <param name="shards">The row ranges whose weight gradients are computed, each by itself.</param>
    public LayerOutcome On(Operands operands, bool backward = true, RowRange[]? shards = null)
    {
        var device = operands.Device;
        using var weights = Layer.CreateWeights(device, training: backward);
        using var run = Layer.CreateRun(device);
        weights.Load(operands.Numbers("parameters", Parameters));
        run.Reserve(Shape, Training || backward);
        run.ResetState(Shape);
        for (var row = 0; row < Shape.Rows; row++)
            run.WriteState(row, Shape, States[row]);
        var pass = new Pass(Shape, Training, MaskKey, operands.Indices(RowKeys), Lengths is null ? null : operands.Indices(Lengths));
        var x = operands.Numbers("x", X);
        var y = operands.Read(run.Forward(weights, pass, x));
        operands.Read(x).ShouldHaveTheBitsOf(X, "x must stay as it is");
        var outcome = new LayerOutcome(y, States.Select((_, row) => FinalState(run, row)).ToArray());
        if (!backward)
            return outcome;

        outcome = outcome with { Dx = operands.Read(run.Backward(weights, pass, operands.Numbers("dy", WithoutPadding(Dy)))) };
        foreach (var rows in shards ?? [])
        {
            var target = operands.Unwritten("gradient", Parameters.Length);
            run.ShardGradient(rows, target, accumulate: false);
            outcome.WeightGradients.Add(operands.Read(target));
        }

        return outcome;
    }

    public override string ToString() =>
        $"{Layer.GetType().Name}, T={Shape.Steps}, N={Shape.Rows}, D={Layer.InputSize}, lengths={(Lengths is null ? "all" : string.Join(' ', Lengths))}";

    float[] FinalState(LayerRun run, int row)
    {
        var state = new float[Layer.StateSize];
        run.ReadState(row, Shape, state);
        return state;
    }
}

/// <summary>What a layer gave.</summary>
/// <param name="Y">[T,N,OutputSize].</param>
/// <param name="States">The final state of each row.</param>
sealed record LayerOutcome(double[] Y, float[][] States)
{
    /// <summary>[T,N,D].</summary>
    public double[] Dx { get; init; } = [];

    /// <summary>One for each shard that was asked for.</summary>
    public List<double[]> WeightGradients { get; } = [];
}
