namespace LstmCluster.Compute.Tests;

/// <summary>A recurrent layer, random parameters and one batch of several shards; runs whole or in windows.</summary>
sealed class RecurrentBatch
{
    const ulong MaskKey = 0x13198A2E03707344;

    public RecurrentBatch(RecurrentLayer layer, BatchShape shape, bool ragged, int seed)
    {
        (Layer, Shape) = (layer, shape);
        var draw = new Draw(seed);
        var (positions, rows) = (shape.Positions, shape.Rows);
        Parameters = draw.Uniform(RecurrentLayers.Layout(layer).Length, 0.5);
        X = draw.Uniform(positions * layer.InputSize, 2);
        State = draw.Uniform(rows * layer.StateSize);
        Dy = draw.Uniform(positions * layer.OutputSize);
        DFinal = draw.Uniform(rows * layer.StateSize);
        RowKeys = draw.Integers(2 * rows, 0, 1000);
        if (ragged && rows > 1)
            Lengths = [.. draw.Integers(rows - 2, 0, shape.Steps + 1), shape.Steps, 0];
        Shards = rows < 3 ? [new(0, new(0, rows))] : [new(0, new(0, 1)), new(1, new(1, rows - 2)), new(2, new(rows - 1, 1))];
    }

    public RecurrentLayer Layer { get; }
    public BatchShape Shape { get; }
    public double[] Parameters { get; }
    public double[] X { get; }
    public double[] State { get; }
    public double[] Dy { get; }
    public double[] DFinal { get; }
    public int[] RowKeys { get; }
    public int[]? Lengths { get; }
    public ShardRows[] Shards { get; init; }

    /// <summary>Rows that start from the layer's initial state rather than from <see cref="State"/>.</summary>
    public int[] FreshRows { get; init; } = [];

    /// <summary>The same layer's life with the same outcome for every way of calling it.</summary>
    /// <param name="device">Where.</param>
    /// <param name="forward">Windows in the order of the layer's direction; null for one call over everything.</param>
    /// <param name="backward">Windows the other way round.</param>
    /// <param name="accumulate">True: gradients are added to ones.</param>
    public Outcome On(IDevice device, TimeWindow[]? forward = null, TimeWindow[]? backward = null, bool accumulate = false)
    {
        using var operands = new Operands(device, Placement.BetweenNotNumbers);
        using var weights = Layer.CreateWeights(device, training: true);
        weights.Load(operands.Numbers("parameters", Parameters));
        using var run = Layer.CreateRecurrentRun(device);
        run.Reserve(Shape, training: true);
        run.ResetState(Shape);
        for (var row = 0; row < Shape.Rows; row++)
        {
            if (!FreshRows.Contains(row))
                run.WriteState(row, Shape, Array.ConvertAll(State[(row * Layer.StateSize)..((row + 1) * Layer.StateSize)], value => (float)value));
        }

        var pass = new Pass(
            Shape, Training: true, MaskKey, operands.Indices(RowKeys), Lengths is null ? null : operands.Indices(Lengths), Shards);
        var y = forward is null
            ? run.Forward(weights, pass, operands.Numbers("x", X))
            : Windows(operands, run, weights, pass, forward);
        var output = operands.Read(y);
        var final = operands.Read(run.Final.Hidden).Concat(operands.Read(run.Final.Cell)).ToArray();
        var dx = backward is null
            ? run.Backward(weights, pass, operands.Numbers("dy", Dy))
            : Windows(operands, run, weights, backward);
        return new(
            output, final, operands.Read(dx), [.. operands.Read(run.InitialGradient.Hidden), .. operands.Read(run.InitialGradient.Cell)],
            [.. Shards.Select(shard => Gradient(operands, run, shard.Rows, accumulate))]);
    }

    /// <summary>Windows over T of these sizes in turn, in the layer's direction.</summary>
    public TimeWindow[] WindowsOf(params int[] sizes)
    {
        var windows = new List<TimeWindow>();
        for (int first = 0, turn = 0; first < Shape.Steps; turn++)
        {
            var count = Math.Min(sizes[turn % sizes.Length], Shape.Steps - first);
            windows.Add(new(Layer.Reverse ? Shape.Steps - first - count : first, count));
            first += count;
        }

        return [.. windows];
    }

    /// <summary>x of a window only comes when the window does.</summary>
    DeviceSpan Windows(Operands operands, RecurrentRun run, LayerWeights weights, Pass pass, TimeWindow[] windows)
    {
        var x = operands.Unwritten("x", X.Length);
        run.Begin(pass, x);
        foreach (var window in windows)
        {
            Bring(operands, X, x, window);
            run.ForwardSteps(weights, window);
        }

        return run.Output;
    }

    /// <summary>dy of a window only comes when the window does.</summary>
    DeviceSpan Windows(Operands operands, RecurrentRun run, LayerWeights weights, TimeWindow[] windows)
    {
        var dy = operands.Unwritten("dy", Dy.Length);
        run.BeginBackward(dy);
        foreach (var window in windows)
        {
            Bring(operands, Dy, dy, window);
            run.BackwardSteps(weights, window);
        }

        return run.InputGradient;
    }

    void Bring(Operands operands, double[] source, DeviceSpan target, TimeWindow window)
    {
        var step = source.Length / Shape.Steps;
        operands.Device.Copy(
            operands.Numbers("part", source[(window.First * step)..(window.End * step)]), target.Slice(window.First * step, window.Count * step));
    }

    double[] Gradient(Operands operands, RecurrentRun run, RowRange rows, bool accumulate)
    {
        var gradient = accumulate
            ? operands.Numbers("gradient", [.. Enumerable.Repeat(1.0, Parameters.Length)])
            : operands.Unwritten("gradient", Parameters.Length);
        run.ShardGradient(rows, gradient, accumulate);
        return operands.Read(gradient);
    }

    /// <summary>What a run left behind.</summary>
    public sealed record Outcome(double[] Output, double[] Final, double[] InputGradient, double[] InitialGradient, double[][] Gradients)
    {
        public void ShouldHaveTheBitsOf(Outcome wanted, string label)
        {
            Output.ShouldHaveTheBitsOf(wanted.Output, $"y, {label}");
            Final.ShouldHaveTheBitsOf(wanted.Final, $"final state, {label}");
            InputGradient.ShouldHaveTheBitsOf(wanted.InputGradient, $"dx, {label}");
            InitialGradient.ShouldHaveTheBitsOf(wanted.InitialGradient, $"gradient of the initial state, {label}");
            foreach (var (shard, found) in Gradients.Index())
                found.ShouldHaveTheBitsOf(wanted.Gradients[shard], $"gradient of shard {shard}, {label}");
        }
    }
}
