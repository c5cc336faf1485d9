namespace LstmCluster.Compute.Tests;

/// <summary>One LSTM layer over one batch with random numbers, and its whole life on a device: forward, backward, weight gradient.</summary>
sealed class LstmCase
{
    readonly LstmShape _shape;

    public LstmCase(LstmShape shape, int seed)
    {
        _shape = shape;
        var draw = new Draw(seed);
        var (T, N, D, H) = shape;
        W = draw.Uniform(4 * H * D, 1 / Math.Sqrt(D));
        U = draw.Uniform(4 * H * H, 1 / Math.Sqrt(H));
        B = draw.Uniform(4 * H);
        X = draw.Uniform(T * N * D, 2);
        (H0, C0) = (draw.Uniform(N * H), draw.Uniform(N * H, 2));
        (Dy, DhT, DcT) = (draw.Uniform(T * N * H), draw.Uniform(N * H), draw.Uniform(N * H));
        (DW, DU, DB) = (draw.Uniform(W.Length), draw.Uniform(U.Length), draw.Uniform(B.Length));
    }

    /// <summary>Parameters.</summary>
    public double[] W { get; init; }
    public double[] U { get; init; }
    public double[] B { get; init; }

    /// <summary>Input and initial state.</summary>
    public double[] X { get; init; }
    public double[] H0 { get; init; }
    public double[] C0 { get; init; }

    /// <summary>Gradients of the output and the final state.</summary>
    public double[] Dy { get; init; }
    public double[] DhT { get; init; }
    public double[] DcT { get; init; }

    /// <summary>What weight gradients are accumulated on.</summary>
    public double[] DW { get; init; }
    public double[] DU { get; init; }
    public double[] DB { get; init; }

    /// <summary>Runs the layer.</summary>
    /// <param name="run">Where.</param>
    /// <param name="backward">False for inference: no backward forms of the weights.</param>
    /// <param name="inputGradient">False to leave dx out.</param>
    /// <param name="shards">The row ranges whose weight gradients are computed, each into operands of its own.</param>
    /// <param name="accumulate">True: onto random numbers.</param>
    public LstmOutcome On(Operands run, bool backward = true, bool inputGradient = true, RowRange[]? shards = null, bool accumulate = false)
    {
        var (T, N, D, H) = _shape;
        var device = run.Device;
        var plain = new LstmParameters(run.Numbers("W", W), run.Numbers("U", U), run.Numbers("b", B));
        var weights = new LstmWeights(
            run.Matrix(plain.Kernel, 4 * H, D, MatrixUse.Forward), run.Matrix(plain.RecurrentKernel, 4 * H, H, MatrixUse.Forward),
            backward ? run.Matrix(plain.Kernel, 4 * H, D, MatrixUse.Backward) : null,
            backward ? run.Matrix(plain.RecurrentKernel, 4 * H, H, MatrixUse.Backward) : null, plain);
        var unwritten = Enumerable.Repeat(double.NaN, T * N * H);
        var activations = new LstmActivations(
            run.Numbers("x", X), run.Unwritten("gates", T * N * 4 * H),
            run.Numbers("cells", [.. C0, .. unwritten]), run.Numbers("hidden", [.. H0, .. unwritten]));
        device.LstmForward(_shape, weights, activations);
        var result = new LstmOutcome(run.Read(activations.Gates), run.Read(activations.Cells), run.Read(activations.Hidden));
        if (!backward)
            return result;

        var gradients = new LstmGradients(
            run.Numbers("dy", Dy), inputGradient ? run.Unwritten("dx", T * N * D) : default, run.Numbers("dh", DhT), run.Numbers("dc", DcT));
        device.LstmBackward(_shape, weights, activations, gradients);
        foreach (var rows in shards ?? [])
        {
            var gradient = accumulate
                ? new LstmParameters(run.Numbers($"dW of {rows}", DW), run.Numbers($"dU of {rows}", DU), run.Numbers($"db of {rows}", DB))
                : new(run.Unwritten($"dW of {rows}", DW.Length), run.Unwritten($"dU of {rows}", DU.Length), run.Unwritten($"db of {rows}", DB.Length));
            device.LstmWeightGradient(_shape, rows, activations, gradient, accumulate);
            result.WeightGradients.Add((run.Read(gradient.Kernel), run.Read(gradient.RecurrentKernel), run.Read(gradient.Bias)));
        }

        return result with
        {
            Dz = run.Read(activations.Gates),
            Dh = run.Read(gradients.Output),
            Dx = inputGradient ? run.Read(gradients.Input) : [],
            Dh0 = run.Read(gradients.FinalHidden),
            Dc0 = run.Read(gradients.FinalCell),
        };
    }

    /// <summary>The same layer with one row of the batch alone.</summary>
    public LstmCase Row(int row) => Rows(new(row, 1));

    /// <summary>The same layer with some rows of the batch alone.</summary>
    public LstmCase Rows(RowRange rows)
    {
        var (T, N, D, H) = _shape;
        double[] Of(double[] values, int steps, int width) => RowsOf(values, new(steps, N), rows, width);
        return new(_shape with { Rows = rows.Count }, seed: 0)
        {
            W = W,
            U = U,
            B = B,
            DW = DW,
            DU = DU,
            DB = DB,
            X = Of(X, T, D),
            Dy = Of(Dy, T, H),
            H0 = Of(H0, 1, H),
            C0 = Of(C0, 1, H),
            DhT = Of(DhT, 1, H),
            DcT = Of(DcT, 1, H),
        };
    }

    /// <summary>Some rows of a time-major tensor.</summary>
    public static double[] RowsOf(double[] values, BatchShape shape, RowRange rows, int width) =>
        [.. Enumerable.Range(0, shape.Steps).SelectMany(t => values.Skip(((t * shape.Rows) + rows.First) * width).Take(rows.Count * width))];
}

/// <summary>What an LSTM left behind; after backward, <c>Gates</c> still holds what forward left.</summary>
sealed record LstmOutcome(double[] Gates, double[] Cells, double[] Hidden)
{
    public double[] Dz { get; init; } = [];
    public double[] Dh { get; init; } = [];
    public double[] Dx { get; init; } = [];
    public double[] Dh0 { get; init; } = [];
    public double[] Dc0 { get; init; } = [];
    public List<(double[] DW, double[] DU, double[] Db)> WeightGradients { get; } = [];
}
