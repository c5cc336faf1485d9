namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void GruBackward(in RecurrentShape shape, in GruWeights weights, in GruActivations activations, in GruGradients gradients)
    {
        var (D, H, gateRows, positions) = (shape.Inputs, shape.Units, 3 * shape.Units, shape.Batch.Positions);
        var w = Matrix(weights.Backward, gateRows, D, MatrixUse.Backward);
        var u = Matrix(weights.RecurrentBackward, gateRows, H, MatrixUse.Backward);
        var rows = new RecurrentRows(shape, activations.Pass);
        var kept = new GruKept(shape, activations);
        var outputs = Numbers(gradients.Output, positions * H);
        var inputs = Optional(!gradients.Input.IsEmpty, gradients.Input, positions * D);
        var states = Numbers(gradients.FinalHidden, shape.Rows * H);
        var products = Numbers(gradients.RecurrentProduct, positions * gateRows);
        for (var turn = shape.Steps - 1; turn >= 0; turn--)
        {
            var t = rows.Step(turn);
            for (var row = 0; row < shape.Rows; row++)
            {
                var gates = rows.At(kept.Gates, t, row, gateRows);
                var product = rows.At(products, t, row, gateRows);
                var dy = rows.At(outputs, t, row, H);
                var dx = rows.At(inputs, t, row, D);
                var state = RowOf(states, row, H);
                if (rows.IsPadding(t, row))
                {
                    // No gradient from a row that has ended, whatever stands in dy: that of its state goes on to the step before.
                    gates.Clear();
                    product.Clear();
                    dy.Clear();
                    dx.Clear();
                    continue;
                }

                var h = rows.Before(kept.Hidden, t, row);
                var candidateProduct = rows.At(kept.CandidateProduct, t, row, H);
                for (var unit = 0; unit < H; unit++)
                {
                    var (ofR, ofZ, ofN) = (unit, H + unit, (2 * H) + unit);
                    var (r, z, n) = (gates[ofR], gates[ofZ], gates[ofN]);
                    var dh = dy[unit] + state[unit];
                    var dn = dh * (T.One - z) * (T.One - (n * n));
                    var dz = dh * (h[unit] - n) * z * (T.One - z);
                    var dr = dn * candidateProduct[unit] * r * (T.One - r);
                    dy[unit] = dh;
                    state[unit] = dh * z;
                    (gates[ofR], gates[ofZ], gates[ofN]) = (dr, dz, dn);
                    (product[ofR], product[ofZ], product[ofN]) = (dr, dz, dn * r);
                }

                for (var unit = 0; unit < H; unit++)
                    state[unit] += Chain(default, product, u, unit);
                for (var feature = 0; feature < dx.Length; feature++)
                    dx[feature] = Chain(default, gates, w, feature);
            }
        }
    }
}
