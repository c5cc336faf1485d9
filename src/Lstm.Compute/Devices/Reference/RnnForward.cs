namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void RnnForward(in RecurrentShape shape, in RnnWeights weights, in RnnActivations activations)
    {
        var (D, H, positions) = (shape.Inputs, shape.Units, shape.Batch.Positions);
        var w = Matrix(weights.Forward, H, D, MatrixUse.Forward);
        var u = Matrix(weights.RecurrentForward, H, H, MatrixUse.Forward);
        var b = Numbers(weights.Plain.Bias, H);
        var rows = new RecurrentRows(shape, activations.Pass);
        var inputs = Numbers(activations.Input, positions * D);
        var hidden = Numbers(activations.Hidden, (positions + shape.Rows) * H);
        for (var turn = 0; turn < shape.Steps; turn++)
        {
            var t = rows.Step(turn);
            for (var row = 0; row < shape.Rows; row++)
            {
                var x = rows.At(inputs, t, row, D);
                var h = rows.Before(hidden, t, row);
                var next = rows.After(hidden, t, row);
                if (rows.IsPadding(t, row))
                {
                    h.CopyTo(next);
                    continue;
                }

                for (var unit = 0; unit < H; unit++)
                    next[unit] = T.Tanh(Chain(Chain(b[unit], x, w, unit), h, u, unit));
            }
        }
    }
}
