namespace LstmCluster.Compute.Tests;

/// <summary>One step of an LSTM for one row, gate by gate from its views: the equations as they are written.</summary>
sealed class LstmByHand(Model model, Lstm lstm, double[] weights)
{
    readonly float[] _weights = Array.ConvertAll(weights, value => (float)value);

    /// <summary>The gates i, f, g, o, the cell after and the hidden state after.</summary>
    public (double[] Input, double[] Forget, double[] Candidate, double[] Output, double[] Cell, double[] Hidden) Step(double[] x, double[] cell, double[] hidden)
    {
        var coupled = lstm.Options.CoupledInputForget;
        var input = Activated(Gate.Input, Sigmoid, cell);
        var forget = coupled ? [.. input.Select(i => 1 - i)] : Activated(Gate.Forget, Sigmoid, cell);
        var candidate = Activated(Gate.Candidate, Math.Tanh, seen: null);
        double limit = lstm.Options.CellClip > 0 ? lstm.Options.CellClip : double.PositiveInfinity;
        double[] after = [.. cell.Select((c, unit) => Math.Clamp((forget[unit] * c) + (input[unit] * candidate[unit]), -limit, limit))];
        var output = Activated(Gate.Output, Sigmoid, after);
        double[] shown = [.. after.Select((c, unit) => output[unit] * Math.Tanh(c))];
        return (input, forget, candidate, output, after, lstm.Options.Projection > 0 ? Product(Projection(), shown) : shown);

        double[] Activated(Gate gate, Func<double, double> activation, double[]? seen)
        {
            var (w, u) = (Product(Numbers(lstm.Kernel[gate]), x), Product(Numbers(lstm.RecurrentKernel[gate]), hidden));
            var bias = Numbers(lstm.Bias[gate]);
            var peephole = seen is not null && lstm.Peephole is { } diagonals ? Numbers(diagonals[gate]) : new double[lstm.Units];
            return [.. bias.Select((b, unit) => activation(w[unit] + u[unit] + b + (peephole[unit] * (seen?[unit] ?? 0))))];
        }
    }

    double[] Numbers(TensorView view) => Array.ConvertAll(model.View(_weights.AsSpan(), lstm, view).ToArray(), value => (double)value);

    double[] Projection()
    {
        var parameter = model.Parameters.Parameters.Single(tensor => tensor.Name.Contains("weight_hr", StringComparison.Ordinal));
        return Array.ConvertAll(_weights[parameter.Offset..(parameter.Offset + parameter.Length)], value => (double)value);
    }

    static double[] Product(double[] matrix, double[] vector) =>
        [.. matrix.Chunk(vector.Length).Select(row => LstmGradientTests.Dot(row, vector))];

    static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
