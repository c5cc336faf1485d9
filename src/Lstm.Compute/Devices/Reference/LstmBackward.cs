namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void LstmBackward(in LstmShape shape, in LstmWeights weights, in LstmActivations activations, in LstmGradients gradients)
    {
        var (T, N, D, H) = shape;
        var w = Matrix(weights.Backward, 4 * H, D, MatrixUse.Backward);
        var u = Matrix(weights.RecurrentBackward, 4 * H, H, MatrixUse.Backward);
        var gates = Numbers(activations.Gates, T * N * 4 * H);
        var cells = Numbers(activations.Cells, (T + 1) * N * H);
        var dy = Numbers(gradients.Output, T * N * H);
        var dx = gradients.Input.IsEmpty ? [] : Numbers(gradients.Input, T * N * D);
        var dhNext = Numbers(gradients.FinalHidden, N * H);
        var dcNext = Numbers(gradients.FinalCell, N * H);
        for (var t = T - 1; t >= 0; t--)
        {
            for (var n = 0; n < N; n++)
            {
                var before = ((t * N) + n) * H;
                var after = before + (N * H);
                var dz = gates.Slice(4 * before, 4 * H);
                var dh = dy.Slice(before, H);
                var dhBefore = dhNext.Slice(n * H, H);
                for (var unit = 0; unit < H; unit++)
                    dh[unit] += dhBefore[unit];
                CellGradient(dz, cells.Slice(before, H), cells.Slice(after, H), dh, dcNext.Slice(n * H, H));
                for (var unit = 0; unit < H; unit++)
                    dhBefore[unit] = Chain(default, dz, u, unit);
                for (var feature = 0; feature < D && !dx.IsEmpty; feature++)
                    dx[(((t * N) + n) * D) + feature] = Chain(default, dz, w, feature);
            }
        }
    }

    /// <summary>One row, one step: gradient of hidden state and next cell to gradient of the pre-activations and the cell before.</summary>
    /// <param name="z">[4H]. In: activated gates. Out: dz.</param>
    /// <param name="c">[H], the cell before.</param>
    /// <param name="cNext">[H], the cell after.</param>
    /// <param name="dh">[H], gradient of the hidden state after.</param>
    /// <param name="dc">[H]. In: gradient of the cell after, from later steps. Out: gradient of the cell before.</param>
    static void CellGradient(Span<T> z, ReadOnlySpan<T> c, ReadOnlySpan<T> cNext, ReadOnlySpan<T> dh, Span<T> dc)
    {
        var units = c.Length;
        for (var unit = 0; unit < units; unit++)
        {
            var (i, f, g, o) = (z[unit], z[units + unit], z[(2 * units) + unit], z[(3 * units) + unit]);
            var tanh = T.Tanh(cNext[unit]);
            var cellGradient = dc[unit] + (dh[unit] * o * (T.One - (tanh * tanh)));
            z[unit] = cellGradient * g * i * (T.One - i);
            z[units + unit] = cellGradient * c[unit] * f * (T.One - f);
            z[(2 * units) + unit] = cellGradient * i * (T.One - (g * g));
            z[(3 * units) + unit] = dh[unit] * tanh * o * (T.One - o);
            dc[unit] = cellGradient * f;
        }
    }

    /// <inheritdoc/>
    public void LstmWeightGradient(in LstmShape shape, RowRange rows, in LstmActivations activations, in LstmParameters gradient, bool accumulate)
    {
        var (T, N, D, H) = shape;
        var batch = shape.Batch;
        CheckRows(batch, rows);
        var dz = Numbers(activations.Gates, T * N * 4 * H);
        var x = Numbers(activations.Input, T * N * D);
        var hiddenBefore = Numbers(activations.Hidden, (T + 1) * N * H)[..(T * N * H)];
        KernelGradient(batch, rows, dz, 4 * H, x, D, Numbers(gradient.Kernel, 4 * H * D), accumulate);
        KernelGradient(batch, rows, dz, 4 * H, hiddenBefore, H, Numbers(gradient.RecurrentKernel, 4 * H * H), accumulate);
        BiasGradient(batch, rows, dz, 4 * H, Numbers(gradient.Bias, 4 * H), accumulate);
    }
}
