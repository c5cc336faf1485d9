namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void RnnBackward(in RecurrentShape shape, in RnnWeights weights, in RnnActivations activations, in RnnGradients gradients)
    {
        var (D, H, positions) = (shape.Inputs, shape.Units, shape.Batch.Positions);
        var w = Matrix(weights.Backward, H, D, MatrixUse.Backward);
        var u = Matrix(weights.RecurrentBackward, H, H, MatrixUse.Backward);
        var rows = new RecurrentRows(shape, activations.Pass);
        var hidden = Numbers(activations.Hidden, (positions + shape.Rows) * H);
        var outputs = Numbers(gradients.Output, positions * H);
        var inputs = Optional(!gradients.Input.IsEmpty, gradients.Input, positions * D);
        var states = Numbers(gradients.FinalHidden, shape.Rows * H);
        for (var turn = shape.Steps - 1; turn >= 0; turn--)
        {
            var t = rows.Step(turn);
            for (var row = 0; row < shape.Rows; row++)
            {
                var dy = rows.At(outputs, t, row, H);
                var dx = rows.At(inputs, t, row, D);
                var state = RowOf(states, row, H);
                if (rows.IsPadding(t, row))
                {
                    // No gradient from a row that has ended, whatever stands in dy: that of its state goes on to the step before.
                    dy.Clear();
                    dx.Clear();
                    continue;
                }

                var y = rows.After(hidden, t, row);
                for (var unit = 0; unit < H; unit++)
                    dy[unit] = (dy[unit] + state[unit]) * (T.One - (y[unit] * y[unit]));
                for (var unit = 0; unit < H; unit++)
                    state[unit] = Chain(default, dy, u, unit);
                for (var feature = 0; feature < dx.Length; feature++)
                    dx[feature] = Chain(default, dy, w, feature);
            }
        }
    }
}
