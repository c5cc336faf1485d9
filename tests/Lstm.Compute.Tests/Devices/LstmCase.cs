namespace LstmCluster.Compute.Tests;

/// <summary>One LSTM layer over one batch with random numbers, and its whole life on a device: forward, backward, weight gradient.</summary>
sealed class LstmCase
{
    const ulong MaskKey = 0x243F6A8885A308D3;

    public LstmCase(LstmShape shape, int seed)
    {
        Shape = shape;
        var draw = new Draw(seed);
        var (T, N, D, H) = shape;
        var P = shape.Outputs;
        Parameters = LstmNumbers.Random(shape, draw);
        X = draw.Uniform(T * N * D, 2);
        (H0, C0) = (draw.Uniform(N * P), draw.Uniform(N * H, 2));
        (Dy, DhT, DcT) = (draw.Uniform(T * N * P), draw.Uniform(N * P), draw.Uniform(N * H));
        Sums = LstmNumbers.Random(shape, draw);
        RowKeys = draw.Integers(2 * N, int.MinValue, int.MaxValue);
    }

    public LstmShape Shape { get; }

    public LstmNumbers Parameters { get; init; }

    /// <summary>What weight gradients are accumulated on.</summary>
    public LstmNumbers Sums { get; init; }

    /// <summary>Input and initial state.</summary>
    public double[] X { get; init; }
    public double[] H0 { get; init; }
    public double[] C0 { get; init; }

    /// <summary>Gradients of the output and the final state.</summary>
    public double[] Dy { get; init; }
    public double[] DhT { get; init; }
    public double[] DcT { get; init; }

    /// <summary>Time steps of each row; null when all have T.</summary>
    public int[]? Lengths { get; init; }

    /// <summary>False for zoneout's mean and no dropout.</summary>
    public bool Training { get; init; } = true;

    /// <summary>[N,2].</summary>
    public int[] RowKeys { get; init; }

    /// <summary>The same options and numbers with other lengths, among them 0 and T where the batch has several rows.</summary>
    public LstmCase Ragged(int seed)
    {
        var lengths = new Draw(seed).Integers(Shape.Rows, 0, Shape.Steps + 1);
        if (Shape.Rows > 1)
            (lengths[0], lengths[^1]) = (Shape.Steps, 0);
        return With(lengths: lengths);
    }

    /// <summary>The same numbers with some replaced.</summary>
    public LstmCase With(LstmOptions? options = null, int[]? lengths = null, double[]? x = null, double[]? dy = null) =>
        new(options is null ? Shape : Shape with { Options = options }, seed: 0)
        {
            Parameters = Parameters,
            Sums = Sums,
            X = x ?? X,
            H0 = H0,
            C0 = C0,
            Dy = dy ?? Dy,
            DhT = DhT,
            DcT = DcT,
            Lengths = lengths ?? Lengths,
            Training = Training,
            RowKeys = RowKeys,
        };

    /// <summary>True where a row has ended.</summary>
    public bool IsPadding(int step, int row) => Lengths is not null && step >= Lengths[row];

    /// <summary>A tensor [T,N,width] with another value at padded positions.</summary>
    public double[] Padded(double[] values, double value)
    {
        var width = values.Length / Shape.Batch.Positions;
        return [.. values.Select((old, index) => IsPadding(index / width / Shape.Rows, index / width % Shape.Rows) ? value : old)];
    }

    /// <summary>Runs the layer.</summary>
    /// <param name="run">Where.</param>
    /// <param name="backward">False for inference: no backward forms of the weights.</param>
    /// <param name="inputGradient">False to leave dx out.</param>
    /// <param name="shards">The row ranges whose weight gradients are computed, each into operands of its own.</param>
    /// <param name="accumulate">True: onto random numbers.</param>
    /// <param name="optional">False to leave out what the options ask for beside the plain operands, which a device must refuse.</param>
    public LstmOutcome On(
        Operands run, bool backward = true, bool inputGradient = true, RowRange[]? shards = null, bool accumulate = false, bool optional = true)
    {
        var device = run.Device;
        var weights = Weights(run, backward);
        var activations = Activations(run);
        if (!optional)
        {
            weights = new(
                weights.Forward, weights.RecurrentForward, weights.Backward, weights.RecurrentBackward,
                new(weights.Plain.Kernel, weights.Plain.RecurrentKernel, weights.Plain.Bias));
            activations = new(activations.Input, activations.Gates, activations.Cells, activations.Hidden)
            {
                Pass = activations.Pass with { RowKeys = null },
            };
        }

        device.LstmForward(Shape, weights, activations);
        var result = new LstmOutcome(run.Read(activations.Gates), run.Read(activations.Cells), run.Read(activations.Hidden))
        {
            InverseDeviations = Shape.Options.LayerNorm ? run.Read(activations.InverseDeviations) : [],
            NewCells = run.Read(Shape.Options.ZoneoutCell > 0 ? activations.NewCells : activations.Cells),
        };
        if (backward)
        {
            var gradients = Gradients(run, inputGradient);
            device.LstmBackward(Shape, weights, activations, gradients);
            foreach (var rows in shards ?? [])
            {
                var target = Sums.On(run, $"gradient of {rows} of ", unwritten: !accumulate);
                device.LstmWeightGradient(Shape, rows, activations, gradients, target, accumulate ? Summation.Add : Summation.Write);
                result.WeightGradients.Add(LstmNumbers.Read(run, target));
            }

            result = result with
            {
                Dz = run.Read(activations.Gates),
                Dh = run.Read(gradients.Output),
                Dx = inputGradient ? run.Read(gradients.Input) : [],
                Dh0 = run.Read(gradients.FinalHidden),
                Dc0 = run.Read(gradients.FinalCell),
            };
        }

        Forget(run, activations);
        return result;
    }

    /// <summary>The same layer with one row of the batch alone.</summary>
    public LstmCase Row(int row) => Rows(new(row, 1));

    /// <summary>The same layer with some rows of the batch alone.</summary>
    public LstmCase Rows(RowRange rows) => Part(rows, Shape.Steps, Lengths?[rows.First..(rows.First + rows.Count)]);

    /// <summary>The same layer with one row alone and no padding.</summary>
    public LstmCase Alone(int row) => Part(new(row, 1), Lengths?[row] ?? Shape.Steps, lengths: null);

    /// <summary>Some rows of a time-major tensor.</summary>
    public static double[] RowsOf(double[] values, BatchShape shape, RowRange rows, int width) =>
        [.. Enumerable.Range(0, shape.Steps).SelectMany(t => values.Skip(((t * shape.Rows) + rows.First) * width).Take(rows.Count * width))];

    public override string ToString() =>
        $"T={Shape.Steps}, N={Shape.Rows}, D={Shape.Inputs}, H={Shape.Units}, {Shape.Options}, training={Training}, lengths={(Lengths is null ? "all" : string.Join(' ', Lengths))}";

    LstmCase Part(RowRange rows, int steps, int[]? lengths)
    {
        double[] Of(double[] values, int length, int width) => RowsOf(values, new(length, Shape.Rows), rows, width);
        var (_, _, D, H) = Shape;
        var P = Shape.Outputs;
        return new(Shape with { Steps = steps, Rows = rows.Count }, seed: 0)
        {
            Parameters = Parameters,
            Sums = Sums,
            X = Of(X, steps, D),
            Dy = Of(Dy, steps, P),
            H0 = Of(H0, 1, P),
            C0 = Of(C0, 1, H),
            DhT = Of(DhT, 1, P),
            DcT = Of(DcT, 1, H),
            Lengths = lengths,
            Training = Training,
            RowKeys = RowKeys[(2 * rows.First)..(2 * (rows.First + rows.Count))],
        };
    }

    LstmWeights Weights(Operands run, bool backward)
    {
        var (rows, D, H, P) = (Shape.GateRows, Shape.Inputs, Shape.Units, Shape.Outputs);
        var projects = Shape.Options.Projection > 0;
        var plain = Parameters.On(run);
        return new(
            run.Matrix(plain.Kernel, rows, D, MatrixUse.Forward), run.Matrix(plain.RecurrentKernel, rows, P, MatrixUse.Forward),
            backward ? run.Matrix(plain.Kernel, rows, D, MatrixUse.Backward) : null,
            backward ? run.Matrix(plain.RecurrentKernel, rows, P, MatrixUse.Backward) : null, plain)
        {
            ProjectionForward = projects ? run.Matrix(plain.Projection, P, H, MatrixUse.Forward) : null,
            ProjectionBackward = projects && backward ? run.Matrix(plain.Projection, P, H, MatrixUse.Backward) : null,
        };
    }

    LstmActivations Activations(Operands run)
    {
        var (T, N, D, H) = Shape;
        var (positions, rows, P, options) = (T * N, Shape.GateRows, Shape.Outputs, Shape.Options);
        DeviceSpan When(bool isOn, string name, int length) => isOn ? run.Unwritten(name, length) : default;
        double[] States(double[] initial, int width)
        {
            var others = Enumerable.Repeat(double.NaN, positions * width);
            return options.Reverse ? [.. others, .. initial] : [.. initial, .. others];
        }

        var draws = Training && (options.RecurrentDropout > 0 || options.ZoneoutHidden > 0 || options.ZoneoutCell > 0);
        return new(
            run.Numbers("x", X), run.Unwritten("gates", positions * rows), run.Numbers("cells", States(C0, H)), run.Numbers("hidden", States(H0, P)))
        {
            Pass = new(Training, MaskKey, draws ? run.Indices(RowKeys) : null, Lengths is null ? null : run.Indices(Lengths)),
            CellOutput = When(options.Projection > 0, "cell output", positions * H),
            NewCells = When(options.ZoneoutCell > 0, "new cells", positions * H),
            MaskedHidden = When(options.RecurrentDropout > 0, "masked hidden", positions * P),
            InputNormalized = When(options.LayerNorm, "input normalized", positions * rows),
            RecurrentNormalized = When(options.LayerNorm, "recurrent normalized", positions * rows),
            CellNormalized = When(options.LayerNorm, "cell normalized", positions * H),
            InverseDeviations = When(options.LayerNorm, "inverse deviations", 3 * positions),
        };
    }

    LstmGradients Gradients(Operands run, bool inputGradient)
    {
        var (T, N, D, H) = Shape;
        var (positions, layerNorm) = (T * N, Shape.Options.LayerNorm);
        return new(
            run.Numbers("dy", Dy), inputGradient ? run.Unwritten("dx", positions * D) : default, run.Numbers("dh", DhT), run.Numbers("dc", DcT))
        {
            InputProduct = layerNorm ? run.Unwritten("d input product", positions * Shape.GateRows) : default,
            RecurrentProduct = layerNorm ? run.Unwritten("d recurrent product", positions * Shape.GateRows) : default,
            CellNorm = layerNorm ? run.Unwritten("d cell norm", positions * H) : default,
        };
    }

    /// <summary>Levels what a device may leave as it likes: intermediates at padded positions, once nobody reads them any more.</summary>
    void Forget(Operands run, in LstmActivations activations)
    {
        var positions = Shape.Batch.Positions;
        foreach (var kept in new[]
        {
            activations.CellOutput, activations.NewCells, activations.MaskedHidden, activations.InputNormalized, activations.RecurrentNormalized,
            activations.CellNormalized,
        })
        {
            var width = kept.Length / positions;
            for (var position = 0; position < positions && width > 0; position++)
            {
                if (IsPadding(position / Shape.Rows, position % Shape.Rows))
                    run.Device.Fill(kept.Slice(position * width, width), 0);
            }
        }

        for (var index = 0; index < activations.InverseDeviations.Length; index++)
        {
            if (IsPadding(index / (3 * Shape.Rows), index % Shape.Rows))
                run.Device.Fill(activations.InverseDeviations.Slice(index, 1), 0);
        }
    }
}
