namespace LstmCluster.Compute.Tests;

/// <summary>The inputs of one attention and the gradient that enters its backward pass.</summary>
/// <param name="Shape">T, N, S, A, M and the score.</param>
/// <param name="Lengths">[N]; null when every row has S source steps.</param>
sealed record AttentionCase(AttentionShape Shape, int[]? Lengths)
{
    public AttentionCase(AttentionShape shape, int seed, bool ragged = false)
        : this(shape, ragged ? new Draw(seed + 1000).Integers(shape.Rows, 0, shape.SourceSteps + 1) : null)
    {
        var draw = new Draw(seed);
        var (T, N, S, A, M) = (shape.Steps, shape.Rows, shape.SourceSteps, shape.KeySize, shape.ValueSize);
        (Queries, Keys, Values) = (draw.Uniform(T * N * A), draw.Uniform(S * N * A), draw.Uniform(S * N * M));
        (Dy, DKeys, DValues) = (draw.Uniform(T * N * M), draw.Uniform(S * N * A), draw.Uniform(S * N * M));
        (Vector, DVector) = IsAdditive ? (draw.Uniform(A), draw.Uniform(N * A)) : ([], []);
    }

    bool IsAdditive => Shape.Score == AttentionScore.Additive;

    public double[] Queries { get; init; } = [];

    public double[] Keys { get; init; } = [];

    public double[] Values { get; init; } = [];

    /// <summary>v; empty for the dot score.</summary>
    public double[] Vector { get; init; } = [];

    /// <summary>Gradient of the context.</summary>
    public double[] Dy { get; init; } = [];

    /// <summary>What the gradient of the keys holds before.</summary>
    public double[] DKeys { get; init; } = [];

    /// <summary>What the gradient of the values holds before.</summary>
    public double[] DValues { get; init; } = [];

    /// <summary>What the gradient of the score vector holds before; empty for the dot score.</summary>
    public double[] DVector { get; init; } = [];

    /// <summary>The same case with one batch row only.</summary>
    public AttentionCase Row(int row)
    {
        var (T, N, S, A, M) = (Shape.Steps, Shape.Rows, Shape.SourceSteps, Shape.KeySize, Shape.ValueSize);
        double[] Of(double[] values, int steps, int width) => LstmCase.RowsOf(values, new(steps, N), new(row, 1), width);

        return new AttentionCase(Shape with { Rows = 1 }, Lengths is null ? null : [Lengths[row]])
        {
            Queries = Of(Queries, T, A),
            Keys = Of(Keys, S, A),
            Values = Of(Values, S, M),
            Vector = Vector,
            Dy = Of(Dy, T, M),
            DKeys = Of(DKeys, S, A),
            DValues = Of(DValues, S, M),
            DVector = IsAdditive ? Of(DVector, 1, A) : [],
        };
    }

    /// <summary>Forward and backward on a device.</summary>
    /// <param name="run">Where the operands go.</param>
    /// <param name="window">Decoder steps of each call; 0 for one call over all.</param>
    public AttentionOutcome On(Operands run, int window = 0)
    {
        var (T, N, S, A, M) = (Shape.Steps, Shape.Rows, Shape.SourceSteps, Shape.KeySize, Shape.ValueSize);
        DeviceSpan OfScoreVector(string name, double[] values) => IsAdditive ? run.Numbers(name, values) : default;

        var operands = new AttentionOperands(
            run.Numbers("queries", Queries), run.Numbers("keys", Keys), run.Numbers("values", Values),
            run.Unwritten("weights", T * N * S), run.Unwritten("context", T * N * M))
        {
            SourceLengths = Lengths is null ? null : run.Indices(Lengths),
            ScoreVector = OfScoreVector("v", Vector),
        };
        var gradients = new AttentionGradients(
            run.Numbers("dy", Dy), run.Unwritten("dq", T * N * A), run.Numbers("dk", DKeys), run.Numbers("dvalues", DValues))
        {
            ScoreVector = OfScoreVector("dv", DVector),
        };

        var length = window == 0 ? Math.Max(1, T) : window;
        var windows = Enumerable.Range(0, (T + length - 1) / length).Select(index => (First: index * length, Count: Math.Min(length, T - (index * length)))).ToArray();
        foreach (var (first, count) in windows)
            run.Device.AttentionForward(Shape with { Steps = count }, Window(operands, first, count));
        foreach (var (first, count) in windows.Reverse())
        {
            run.Device.AttentionBackward(Shape with { Steps = count }, Window(operands, first, count) with { Context = default }, gradients with
            {
                Context = Of(gradients.Context, first, count, M),
                Queries = Of(gradients.Queries, first, count, A),
            });
        }

        return new AttentionOutcome(
            run.Read(operands.Weights), run.Read(operands.Context), run.Read(gradients.Queries), run.Read(gradients.Keys), run.Read(gradients.Values),
            IsAdditive ? run.Read(gradients.ScoreVector) : []);
    }

    /// <summary>Names the case in a failure.</summary>
    public override string ToString() => $"{Shape}, lengths {(Lengths is null ? "all" : string.Join(' ', Lengths))}";

    AttentionOperands Window(in AttentionOperands operands, int first, int count) => operands with
    {
        Queries = Of(operands.Queries, first, count, Shape.KeySize),
        Weights = Of(operands.Weights, first, count, Shape.SourceSteps),
        Context = Of(operands.Context, first, count, Shape.ValueSize),
    };

    DeviceSpan Of(DeviceSpan tensor, int first, int count, int width) => tensor.Slice(first * Shape.Rows * width, count * Shape.Rows * width);
}

/// <summary>What an attention computed.</summary>
sealed record AttentionOutcome(double[] Weights, double[] Context, double[] DQueries, double[] DKeys, double[] DValues, double[] DVector)
{
    /// <summary>Everything, with the extent that a row is cut out of.</summary>
    public IEnumerable<(string Name, double[] Values, int Steps, int Width)> All(AttentionShape shape) =>
    [
        ("weights", Weights, shape.Steps, shape.SourceSteps),
        ("context", Context, shape.Steps, shape.ValueSize),
        ("dq", DQueries, shape.Steps, shape.KeySize),
        ("dk", DKeys, shape.SourceSteps, shape.KeySize),
        ("dvalues", DValues, shape.SourceSteps, shape.ValueSize),
        ("dv", DVector, DVector.Length == 0 ? 0 : 1, shape.KeySize),
    ];
}
