namespace LstmCluster.Compute.Tests;

/// <summary>The parameters of an LSTM layer, or their gradients, on the host; those of options that are off are empty.</summary>
sealed record LstmNumbers(double[] W, double[] U, double[] B)
{
    public double[] Peephole { get; init; } = [];
    public double[] Projection { get; init; } = [];
    public double[] InputNorm { get; init; } = [];
    public double[] RecurrentNorm { get; init; } = [];
    public double[] CellNorm { get; init; } = [];

    /// <summary>Each with its name.</summary>
    public IEnumerable<(string Name, double[] Values)> All =>
    [
        ("W", W), ("U", U), ("b", B), ("peephole", Peephole), ("projection", Projection),
        ("input norm", InputNorm), ("recurrent norm", RecurrentNorm), ("cell norm", CellNorm),
    ];

    public static LstmNumbers Random(LstmShape shape, Draw draw)
    {
        var (H, P, rows, options) = (shape.Units, shape.Outputs, shape.GateRows, shape.Options);
        return new(draw.Uniform(rows * shape.Inputs, 1 / Math.Sqrt(shape.Inputs)), draw.Uniform(rows * P, 1 / Math.Sqrt(P)), draw.Uniform(rows))
        {
            Peephole = options.Peephole ? draw.Uniform((options.GateCount - 1) * H) : [],
            Projection = options.Projection > 0 ? draw.Uniform(P * H, 1 / Math.Sqrt(H)) : [],
            InputNorm = options.LayerNorm ? Norm(rows, draw) : [],
            RecurrentNorm = options.LayerNorm ? Norm(rows, draw) : [],
            CellNorm = options.LayerNorm ? Norm(H, draw) : [],
        };
    }

    /// <summary>Puts them on a device.</summary>
    /// <param name="run">Where.</param>
    /// <param name="prefix">Begins the operands' names.</param>
    /// <param name="unwritten">True to put NaN in their place.</param>
    public LstmParameters On(Operands run, string prefix = "", bool unwritten = false)
    {
        DeviceSpan Place(string name, double[] values) =>
            values.Length == 0 ? default : unwritten ? run.Unwritten(prefix + name, values.Length) : run.Numbers(prefix + name, values);

        return new(Place("W", W), Place("U", U), Place("b", B))
        {
            Peephole = Place("peephole", Peephole),
            Projection = Place("projection", Projection),
            InputNorm = Place("input norm", InputNorm),
            RecurrentNorm = Place("recurrent norm", RecurrentNorm),
            CellNorm = Place("cell norm", CellNorm),
        };
    }

    public static LstmNumbers Read(Operands run, in LstmParameters parameters)
    {
        double[] Values(DeviceSpan span) => span.IsEmpty ? [] : run.Read(span);

        return new(Values(parameters.Kernel), Values(parameters.RecurrentKernel), Values(parameters.Bias))
        {
            Peephole = Values(parameters.Peephole),
            Projection = Values(parameters.Projection),
            InputNorm = Values(parameters.InputNorm),
            RecurrentNorm = Values(parameters.RecurrentNorm),
            CellNorm = Values(parameters.CellNorm),
        };
    }

    public void ShouldHaveTheBitsOf(LstmNumbers wanted, string label)
    {
        foreach (var ((name, found), (_, values)) in All.Zip(wanted.All))
            found.ShouldHaveTheBitsOf(values, $"{name}, {label}");
    }

    /// <summary>Gains around one, then shifts.</summary>
    static double[] Norm(int width, Draw draw) => [.. draw.Uniform(width, 0.5).Select(gain => (double)(float)(1 + gain)), .. draw.Uniform(width, 0.5)];
}
