namespace LstmCluster.Compute.Tests;

/// <summary>A layer kind with a hidden state and nothing else to carry.</summary>
public enum RecurrentKind
{
    Gru,
    Rnn,
}

/// <summary>The parameters of a GRU or RNN layer, or their gradients, on the host; an RNN has no recurrent bias.</summary>
sealed record RecurrentNumbers(double[] W, double[] U, double[] B, double[] C)
{
    /// <summary>Each with its name.</summary>
    public IEnumerable<(string Name, double[] Values)> All => new[] { ("W", W), ("U", U), ("b", B), ("c", C) }.Where(named => named.Item2.Length > 0);

    public static RecurrentNumbers Random(RecurrentKind kind, RecurrentShape shape, Draw draw)
    {
        var (D, H, rows) = (shape.Inputs, shape.Units, RowsOf(kind, shape));
        return new(
            draw.Uniform(rows * D, 1 / Math.Sqrt(D)), draw.Uniform(rows * H, 1 / Math.Sqrt(H)), draw.Uniform(rows),
            kind == RecurrentKind.Gru ? draw.Uniform(rows) : []);
    }

    /// <summary>Rows of the kernels.</summary>
    public static int RowsOf(RecurrentKind kind, RecurrentShape shape) => kind == RecurrentKind.Gru ? 3 * shape.Units : shape.Units;

    /// <summary>Puts them on a device.</summary>
    /// <param name="run">Where.</param>
    /// <param name="prefix">Begins the operands' names.</param>
    /// <param name="unwritten">True to put NaN in their place.</param>
    public GruParameters On(Operands run, string prefix = "", bool unwritten = false)
    {
        DeviceSpan Place(string name, double[] values) =>
            values.Length == 0 ? default : unwritten ? run.Unwritten(prefix + name, values.Length) : run.Numbers(prefix + name, values);

        return new(Place("W", W), Place("U", U), Place("b", B), Place("c", C));
    }

    public static RecurrentNumbers Read(Operands run, in GruParameters parameters) => new(
        run.Read(parameters.Kernel), run.Read(parameters.RecurrentKernel), run.Read(parameters.Bias),
        parameters.RecurrentBias.IsEmpty ? [] : run.Read(parameters.RecurrentBias));

    public RecurrentNumbers Zeros() => new(new double[W.Length], new double[U.Length], new double[B.Length], new double[C.Length]);

    public void ShouldHaveTheBitsOf(RecurrentNumbers wanted, string label)
    {
        foreach (var ((name, found), (_, values)) in All.Zip(wanted.All))
            found.ShouldHaveTheBitsOf(values, $"{name}, {label}");
    }
}
