namespace LstmCluster.Compute.Tests;

/// <summary>One GRU or RNN layer over one batch with random numbers, and its whole life on a device: forward, backward, weight gradient.</summary>
sealed class RecurrentCase
{
    public RecurrentCase(RecurrentKind kind, RecurrentShape shape, int seed)
    {
        (Kind, Shape) = (kind, shape);
        var draw = new Draw(seed);
        var (T, N, D, H) = shape;
        Parameters = RecurrentNumbers.Random(kind, shape, draw);
        (X, H0) = (draw.Uniform(T * N * D, 2), draw.Uniform(N * H));
        (Dy, DhT) = (draw.Uniform(T * N * H), draw.Uniform(N * H));
        Sums = RecurrentNumbers.Random(kind, shape, draw);
    }

    public RecurrentKind Kind { get; }

    public RecurrentShape Shape { get; }

    public RecurrentNumbers Parameters { get; init; }

    /// <summary>What weight gradients are accumulated on.</summary>
    public RecurrentNumbers Sums { get; init; }

    /// <summary>Input and initial state.</summary>
    public double[] X { get; init; }
    public double[] H0 { get; init; }

    /// <summary>Gradients of the output and the final state.</summary>
    public double[] Dy { get; init; }
    public double[] DhT { get; init; }

    /// <summary>Time steps of each row; null when all have T.</summary>
    public int[]? Lengths { get; init; }

    int Rows => RecurrentNumbers.RowsOf(Kind, Shape);

    /// <summary>The same numbers with other lengths, among them 0 and T where the batch has several rows.</summary>
    public RecurrentCase Ragged(int seed)
    {
        var lengths = new Draw(seed).Integers(Shape.Rows, 0, Shape.Steps + 1);
        if (Shape.Rows > 1)
            (lengths[0], lengths[^1]) = (Shape.Steps, 0);
        return With(lengths: lengths);
    }

    /// <summary>The same numbers with some replaced.</summary>
    public RecurrentCase With(int[]? lengths = null, double[]? x = null, double[]? dy = null) => new(Kind, Shape, seed: 0)
    {
        Parameters = Parameters,
        Sums = Sums,
        X = x ?? X,
        H0 = H0,
        Dy = dy ?? Dy,
        DhT = DhT,
        Lengths = lengths ?? Lengths,
    };

    /// <summary>A tensor [T,N,width] with another value at padded positions.</summary>
    public double[] Padded(double[] values, double value)
    {
        var width = values.Length / Shape.Batch.Positions;
        return [.. values.Select((old, index) => Lengths is not null && index / width / Shape.Rows >= Lengths[index / width % Shape.Rows] ? value : old)];
    }

    /// <summary>The same layer with some rows of the batch alone.</summary>
    public RecurrentCase RowsAlone(RowRange rows) => Part(rows, Shape.Steps, Lengths?[rows.First..(rows.First + rows.Count)]);

    /// <summary>The same layer with one row alone and no padding.</summary>
    public RecurrentCase Alone(int row) => Part(new(row, 1), Lengths?[row] ?? Shape.Steps, lengths: null);

    /// <summary>Runs the layer.</summary>
    /// <param name="run">Where.</param>
    /// <param name="backward">False for inference: no backward forms of the weights.</param>
    /// <param name="inputGradient">False to leave dx out.</param>
    /// <param name="shards">The row ranges whose weight gradients are computed, each into operands of its own.</param>
    /// <param name="accumulate">True: onto random numbers.</param>
    public RecurrentOutcome On(Operands run, bool backward = true, bool inputGradient = true, RowRange[]? shards = null, bool accumulate = false) =>
        Kind == RecurrentKind.Gru ? Gru(run, backward, inputGradient, shards ?? [], accumulate) : Rnn(run, backward, inputGradient, shards ?? [], accumulate);

    public override string ToString() =>
        $"{Kind}, T={Shape.Steps}, N={Shape.Rows}, D={Shape.Inputs}, H={Shape.Units}, reverse={Shape.Reverse}, lengths={(Lengths is null ? "all" : string.Join(' ', Lengths))}";

    RecurrentOutcome Gru(Operands run, bool backward, bool inputGradient, RowRange[] shards, bool accumulate)
    {
        var (device, positions, H) = (run.Device, Shape.Batch.Positions, Shape.Units);
        var plain = Parameters.On(run);
        var weights = new GruWeights(
            run.Matrix(plain.Kernel, Rows, Shape.Inputs, MatrixUse.Forward), run.Matrix(plain.RecurrentKernel, Rows, H, MatrixUse.Forward),
            backward ? run.Matrix(plain.Kernel, Rows, Shape.Inputs, MatrixUse.Backward) : null,
            backward ? run.Matrix(plain.RecurrentKernel, Rows, H, MatrixUse.Backward) : null, plain);
        var activations = new GruActivations(
            run.Numbers("x", X), run.Unwritten("gates", positions * Rows), run.Unwritten("candidate product", positions * H), run.Numbers("hidden", States()))
        {
            Pass = Pass(run),
        };
        device.GruForward(Shape, weights, activations);
        var result = new RecurrentOutcome(run.Read(activations.Gates), run.Read(activations.CandidateProduct), run.Read(activations.Hidden));
        if (!backward)
            return result;

        var gradients = new GruGradients(
            run.Numbers("dy", Dy), inputGradient ? run.Unwritten("dx", X.Length) : default, run.Numbers("dh", DhT), run.Unwritten("dp", positions * Rows));
        device.GruBackward(Shape, weights, activations, gradients);
        foreach (var rows in shards)
        {
            var target = Sums.On(run, $"gradient of {rows} of ", unwritten: !accumulate);
            device.GruWeightGradient(Shape, rows, activations, gradients, target, accumulate ? Summation.Add : Summation.Write);
            result.WeightGradients.Add(RecurrentNumbers.Read(run, target));
        }

        return result with
        {
            Da = run.Read(activations.Gates),
            Dp = run.Read(gradients.RecurrentProduct),
            Dh = run.Read(gradients.Output),
            Dx = inputGradient ? run.Read(gradients.Input) : [],
            Dh0 = run.Read(gradients.FinalHidden),
        };
    }

    RecurrentOutcome Rnn(Operands run, bool backward, bool inputGradient, RowRange[] shards, bool accumulate)
    {
        var (device, H) = (run.Device, Shape.Units);
        var (kernel, recurrentKernel, bias, _) = Parameters.On(run);
        var weights = new RnnWeights(
            run.Matrix(kernel, H, Shape.Inputs, MatrixUse.Forward), run.Matrix(recurrentKernel, H, H, MatrixUse.Forward),
            backward ? run.Matrix(kernel, H, Shape.Inputs, MatrixUse.Backward) : null,
            backward ? run.Matrix(recurrentKernel, H, H, MatrixUse.Backward) : null, new(kernel, recurrentKernel, bias));
        var activations = new RnnActivations(run.Numbers("x", X), run.Numbers("hidden", States())) { Pass = Pass(run) };
        device.RnnForward(Shape, weights, activations);
        var result = new RecurrentOutcome([], [], run.Read(activations.Hidden));
        if (!backward)
            return result;

        var gradients = new RnnGradients(run.Numbers("dy", Dy), inputGradient ? run.Unwritten("dx", X.Length) : default, run.Numbers("dh", DhT));
        device.RnnBackward(Shape, weights, activations, gradients);
        foreach (var rows in shards)
        {
            var target = Sums.On(run, $"gradient of {rows} of ", unwritten: !accumulate);
            device.RnnWeightGradient(Shape, rows, activations, gradients, new(target.Kernel, target.RecurrentKernel, target.Bias), accumulate ? Summation.Add : Summation.Write);
            result.WeightGradients.Add(RecurrentNumbers.Read(run, target));
        }

        return result with { Dh = run.Read(gradients.Output), Dx = inputGradient ? run.Read(gradients.Input) : [], Dh0 = run.Read(gradients.FinalHidden) };
    }

    double[] States()
    {
        var others = Enumerable.Repeat(double.NaN, Shape.Batch.Positions * Shape.Units);
        return Shape.Reverse ? [.. others, .. H0] : [.. H0, .. others];
    }

    RecurrentPass Pass(Operands run) => new(Training: true, MaskKey: 0, RowKeys: null, Lengths is null ? null : run.Indices(Lengths));

    RecurrentCase Part(RowRange rows, int steps, int[]? lengths)
    {
        double[] Of(double[] values, int length, int width) => LstmCase.RowsOf(values, new(length, Shape.Rows), rows, width);
        var (D, H) = (Shape.Inputs, Shape.Units);
        return new(Kind, Shape with { Steps = steps, Rows = rows.Count }, seed: 0)
        {
            Parameters = Parameters,
            Sums = Sums,
            X = Of(X, steps, D),
            Dy = Of(Dy, steps, H),
            H0 = Of(H0, 1, H),
            DhT = Of(DhT, 1, H),
            Lengths = lengths,
        };
    }
}
