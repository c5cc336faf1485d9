namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void LstmForward(in LstmShape shape, in LstmWeights weights, in LstmActivations activations)
    {
        var (H, P, options) = (shape.Units, shape.Outputs, shape.Options);
        var w = Matrix(weights.Forward, shape.GateRows, shape.Inputs, MatrixUse.Forward);
        var u = Matrix(weights.RecurrentForward, shape.GateRows, P, MatrixUse.Forward);
        var projection = OptionalMatrix(options.Projection > 0, weights.ProjectionForward, P, H, MatrixUse.Forward);
        var vectors = new LstmVectors(shape, weights.Plain);
        var kept = new LstmKept(shape, activations);
        var masks = new LstmMasks(shape, activations.Pass);
        for (var index = 0; index < shape.Steps; index++)
        {
            var t = options.Reverse ? shape.Steps - 1 - index : index;
            for (var n = 0; n < shape.Rows; n++)
            {
                var row = kept.At(t, n);
                if (kept.IsPadding(t, n))
                {
                    row.CarryState();
                    continue;
                }

                if (options.RecurrentDropout > 0)
                {
                    for (var feature = 0; feature < P; feature++)
                        row.MaskedHidden[feature] = row.HiddenBefore[feature] * masks.Dropout(n, feature);
                }

                PreActivations(row, w, u, vectors, options);
                Cell(row, vectors, options);
                for (var feature = 0; feature < P; feature++)
                {
                    var updated = projection is null ? row.CellOutput[feature] : Chain(default, row.CellOutput, projection, feature);
                    row.Hidden[feature] = Mixed(masks.OldHidden(t, n, feature), row.HiddenBefore[feature], updated);
                }

                for (var unit = 0; unit < H; unit++)
                    row.Cell[unit] = Mixed(masks.OldCell(t, n, unit), row.CellBefore[unit], row.NewCell[unit]);
            }
        }
    }

    /// <summary>One row, one step: <c>x W^T + m*h U^T + b</c>, each product normalised where the option is on.</summary>
    void PreActivations(in LstmRow row, ReferenceMatrix<T> w, ReferenceMatrix<T> u, in LstmVectors vectors, LstmOptions options)
    {
        var z = row.Gates;
        if (!options.LayerNorm)
        {
            for (var gate = 0; gate < z.Length; gate++)
                z[gate] = Chain(Chain(vectors.Bias[gate], row.Input, w, gate), row.MaskedHidden, u, gate);
            return;
        }

        for (var gate = 0; gate < z.Length; gate++)
        {
            row.InputNormalized[gate] = Chain(default, row.Input, w, gate);
            row.RecurrentNormalized[gate] = Chain(default, row.MaskedHidden, u, gate);
        }

        row.InputInverseDeviation[0] = Normalize(row.InputNormalized);
        row.RecurrentInverseDeviation[0] = Normalize(row.RecurrentNormalized);
        for (var gate = 0; gate < z.Length; gate++)
        {
            z[gate] = vectors.Bias[gate]
                + Scaled(row.InputNormalized, vectors.InputNorm, gate) + Scaled(row.RecurrentNormalized, vectors.RecurrentNorm, gate);
        }
    }

    /// <summary>One row, one step: gates, then the new cell n, then h~.</summary>
    static void Cell(in LstmRow row, in LstmVectors vectors, LstmOptions options)
    {
        var places = new GatePlaces(options, row.NewCell.Length);
        var z = row.Gates;
        var limit = Number(options.CellClip);
        for (var unit = 0; unit < row.NewCell.Length; unit++)
        {
            var (c, p) = (row.CellBefore[unit], new PeepholesOf(vectors.Peephole, places, unit));
            var i = Sigmoid(z[unit] + (p.Input * c));
            var f = options.CoupledInputForget ? T.One - i : Sigmoid(z[places.Forget + unit] + (p.Forget * c));
            var g = T.Tanh(z[places.Candidate + unit]);
            var cell = (f * c) + (i * g);
            if (limit > T.Zero)
                cell = cell > limit ? limit : cell < -limit ? -limit : cell;
            row.NewCell[unit] = cell;
            z[unit] = i;
            if (!options.CoupledInputForget)
                z[places.Forget + unit] = f;
            z[places.Candidate + unit] = g;
            z[places.Output + unit] = Sigmoid(z[places.Output + unit] + (p.Output * cell));
        }

        if (options.LayerNorm)
        {
            row.NewCell.CopyTo(row.CellNormalized);
            row.CellInverseDeviation[0] = Normalize(row.CellNormalized);
        }

        for (var unit = 0; unit < row.NewCell.Length; unit++)
            row.CellOutput[unit] = z[places.Output + unit] * Squashed(row, vectors, unit);
    }

    /// <summary><c>tanh(LN(n))</c> of one unit.</summary>
    static T Squashed(in LstmRow row, in LstmVectors vectors, int unit) =>
        T.Tanh(row.CellNormalized.IsEmpty ? row.NewCell[unit] : Scaled(row.CellNormalized, vectors.CellNorm, unit));

    static T Sigmoid(T z) => T.One / (T.One + T.Exp(-z));

    /// <summary>Where each gate's units start among the GH, and each gate's peepholes among the (G-1)H. Both begin with the input gate.</summary>
    readonly struct GatePlaces(LstmOptions options, int units)
    {
        /// <summary>With coupling there is none.</summary>
        public int Forget => units;

        public int Candidate => (options.GateCount - 2) * units;

        public int Output => (options.GateCount - 1) * units;

        public int OutputPeephole => (options.GateCount - 2) * units;
    }

    /// <summary>The peepholes of one unit; zeros without the option.</summary>
    readonly struct PeepholesOf(ReadOnlySpan<T> peephole, in GatePlaces places, int unit)
    {
        public T Input { get; } = peephole.IsEmpty ? T.Zero : peephole[unit];

        /// <summary>Without meaning in a layer with coupling.</summary>
        public T Forget { get; } = peephole.IsEmpty ? T.Zero : peephole[places.Forget + unit];

        public T Output { get; } = peephole.IsEmpty ? T.Zero : peephole[places.OutputPeephole + unit];
    }
}
