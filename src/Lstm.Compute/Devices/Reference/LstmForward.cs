namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void LstmForward(in LstmShape shape, in LstmWeights weights, in LstmActivations activations)
    {
        var (T, N, D, H) = shape;
        var w = Matrix(weights.Forward, 4 * H, D, MatrixUse.Forward);
        var u = Matrix(weights.RecurrentForward, 4 * H, H, MatrixUse.Forward);
        var b = Numbers(weights.Plain.Bias, 4 * H);
        var x = Numbers(activations.Input, T * N * D);
        var gates = Numbers(activations.Gates, T * N * 4 * H);
        var cells = Numbers(activations.Cells, (T + 1) * N * H);
        var hidden = Numbers(activations.Hidden, (T + 1) * N * H);
        for (var t = 0; t < T; t++)
        {
            for (var n = 0; n < N; n++)
            {
                var before = ((t * N) + n) * H;
                var after = before + (N * H);
                var z = gates.Slice(4 * before, 4 * H);
                for (var unit = 0; unit < 4 * H; unit++)
                    z[unit] = Chain(Chain(b[unit], x.Slice(((t * N) + n) * D, D), w, unit), hidden.Slice(before, H), u, unit);
                Cell(z, cells.Slice(before, H), cells.Slice(after, H), hidden.Slice(after, H));
            }
        }
    }

    /// <summary>One row, one step: gates, then cell, then hidden state.</summary>
    static void Cell(Span<T> z, ReadOnlySpan<T> c, Span<T> cNext, Span<T> hNext)
    {
        var units = c.Length;
        for (var unit = 0; unit < units; unit++)
        {
            var i = Sigmoid(z[unit]);
            var f = Sigmoid(z[units + unit]);
            var g = T.Tanh(z[(2 * units) + unit]);
            var o = Sigmoid(z[(3 * units) + unit]);
            (z[unit], z[units + unit], z[(2 * units) + unit], z[(3 * units) + unit]) = (i, f, g, o);
            cNext[unit] = (f * c[unit]) + (i * g);
            hNext[unit] = o * T.Tanh(cNext[unit]);
        }
    }

    static T Sigmoid(T z) => T.One / (T.One + T.Exp(-z));
}
