namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void GruForward(in RecurrentShape shape, in GruWeights weights, in GruActivations activations)
    {
        var (D, H, gateRows) = (shape.Inputs, shape.Units, 3 * shape.Units);
        var w = Matrix(weights.Forward, gateRows, D, MatrixUse.Forward);
        var u = Matrix(weights.RecurrentForward, gateRows, H, MatrixUse.Forward);
        var b = Numbers(weights.Plain.Bias, gateRows);
        var c = Numbers(weights.Plain.RecurrentBias, gateRows);
        var rows = new RecurrentRows(shape, activations.Pass);
        var kept = new GruKept(shape, activations);
        for (var turn = 0; turn < shape.Steps; turn++)
        {
            var t = rows.Step(turn);
            for (var row = 0; row < shape.Rows; row++)
            {
                var h = rows.Before(kept.Hidden, t, row);
                var next = rows.After(kept.Hidden, t, row);
                var gates = rows.At(kept.Gates, t, row, gateRows);
                var candidateProduct = rows.At(kept.CandidateProduct, t, row, H);
                if (rows.IsPadding(t, row))
                {
                    gates.Clear();
                    candidateProduct.Clear();
                    h.CopyTo(next);
                    continue;
                }

                var x = rows.At(kept.Input, t, row, D);
                for (var unit = 0; unit < H; unit++)
                {
                    var (ofR, ofZ, ofN) = (unit, H + unit, (2 * H) + unit);
                    var r = Sigmoid(Chain(b[ofR], x, w, ofR) + Chain(c[ofR], h, u, ofR));
                    var z = Sigmoid(Chain(b[ofZ], x, w, ofZ) + Chain(c[ofZ], h, u, ofZ));
                    candidateProduct[unit] = Chain(c[ofN], h, u, ofN);
                    var n = T.Tanh(Chain(b[ofN], x, w, ofN) + (r * candidateProduct[unit]));
                    next[unit] = ((T.One - z) * n) + (z * h[unit]);
                    (gates[ofR], gates[ofZ], gates[ofN]) = (r, z, n);
                }
            }
        }
    }

    /// <summary>What a GRU's forward pass keeps, each operand checked against the shape.</summary>
    readonly ref struct GruKept
    {
        public GruKept(in RecurrentShape shape, in GruActivations activations)
        {
            var positions = shape.Batch.Positions;
            Input = Numbers(activations.Input, positions * shape.Inputs);
            Gates = Numbers(activations.Gates, positions * 3 * shape.Units);
            CandidateProduct = Numbers(activations.CandidateProduct, positions * shape.Units);
            Hidden = Numbers(activations.Hidden, (positions + shape.Rows) * shape.Units);
        }

        /// <summary>[T,N,D].</summary>
        public Span<T> Input { get; }

        /// <summary>[T,N,3H].</summary>
        public Span<T> Gates { get; }

        /// <summary>[T,N,H].</summary>
        public Span<T> CandidateProduct { get; }

        /// <summary>[T+1,N,H].</summary>
        public Span<T> Hidden { get; }
    }
}
