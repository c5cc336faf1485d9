namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void LstmBackward(in LstmShape shape, in LstmWeights weights, in LstmActivations activations, in LstmGradients gradients)
    {
        var (H, P, options) = (shape.Units, shape.Outputs, shape.Options);
        var w = Matrix(weights.Backward, shape.GateRows, shape.Inputs, MatrixUse.Backward);
        var u = Matrix(weights.RecurrentBackward, shape.GateRows, P, MatrixUse.Backward);
        var projection = OptionalMatrix(options.Projection > 0, weights.ProjectionBackward, P, H, MatrixUse.Backward);
        var vectors = new LstmVectors(shape, weights.Plain);
        var kept = new LstmKept(shape, activations);
        var masks = new LstmMasks(shape, activations.Pass);
        var found = new LstmFound(shape, gradients);
        var cellOutputGradient = new T[H];
        for (var index = shape.Steps - 1; index >= 0; index--)
        {
            var t = options.Reverse ? shape.Steps - 1 - index : index;
            for (var n = 0; n < shape.Rows; n++)
            {
                var row = kept.At(t, n);
                var gradient = found.At(t, n);
                if (kept.IsPadding(t, n))
                {
                    gradient.LeaveState(row.Gates);
                    continue;
                }

                for (var feature = 0; feature < P; feature++)
                {
                    var (dh, old) = (gradient.Output[feature] + gradient.Hidden[feature], masks.OldHidden(t, n, feature));
                    gradient.Output[feature] = dh * (T.One - old);
                    gradient.Hidden[feature] = dh * old;
                }

                for (var unit = 0; unit < H; unit++)
                    cellOutputGradient[unit] = projection is null ? gradient.Output[unit] : Chain(default, gradient.Output, projection, unit);
                CellGradient(row, gradient, cellOutputGradient, vectors, masks, options);
                PreActivationsGradient(row, gradient, vectors, options);
                for (var feature = 0; feature < P; feature++)
                    gradient.Hidden[feature] += masks.Dropout(n, feature) * Chain(default, gradient.RecurrentProduct(row), u, feature);
                for (var feature = 0; feature < gradient.Input.Length; feature++)
                    gradient.Input[feature] = Chain(default, gradient.InputProduct(row), w, feature);
            }
        }
    }

    /// <summary>One row, one step: gradient of h~ and of c' to gradient of the pre-activations, in place of the gates, and of c.</summary>
    static void CellGradient(
        in LstmRow row, in LstmRowGradient gradient, ReadOnlySpan<T> cellOutputGradient, in LstmVectors vectors, in LstmMasks masks, LstmOptions options)
    {
        var units = row.NewCell.Length;
        var places = new GatePlaces(options, units);
        var newCellGradient = new T[units];
        for (var unit = 0; unit < units; unit++)
        {
            var (o, tanh) = (row.Gates[places.Output + unit], Squashed(row, vectors, unit));
            newCellGradient[unit] = cellOutputGradient[unit] * o * (T.One - (tanh * tanh));
            row.Gates[places.Output + unit] = cellOutputGradient[unit] * tanh * o * (T.One - o);
        }

        if (options.LayerNorm)
        {
            newCellGradient.CopyTo(gradient.CellNorm);
            NormalizeGradient(gradient.CellNorm, vectors.CellNorm, row.CellNormalized, row.CellInverseDeviation[0], newCellGradient);
        }

        var z = row.Gates;
        for (var unit = 0; unit < units; unit++)
        {
            var (c, dc, old) = (row.CellBefore[unit], gradient.Cell[unit], masks.OldCell(row.Step, row.Row, unit));
            var p = new PeepholesOf(vectors.Peephole, places, unit);
            var dn = newCellGradient[unit] + (dc * (T.One - old)) + (z[places.Output + unit] * p.Output);
            if (options.CellClip > 0 && T.Abs(row.NewCell[unit]) >= Number(options.CellClip))
                dn = T.Zero;

            var (i, g) = (z[unit], z[places.Candidate + unit]);
            var f = options.CoupledInputForget ? T.One - i : z[places.Forget + unit];
            var df = dn * c;
            var di = options.CoupledInputForget ? (dn * g) - df : dn * g;
            gradient.Cell[unit] = (dc * old) + (dn * f);
            z[unit] = di * i * (T.One - i);
            gradient.Cell[unit] += z[unit] * p.Input;
            if (!options.CoupledInputForget)
            {
                z[places.Forget + unit] = df * f * (T.One - f);
                gradient.Cell[unit] += z[places.Forget + unit] * p.Forget;
            }

            z[places.Candidate + unit] = dn * i * (T.One - (g * g));
        }
    }

    /// <summary>One row, one step: gradient of the pre-activations to gradients of both products, which differ from it with layer normalisation only.</summary>
    static void PreActivationsGradient(in LstmRow row, in LstmRowGradient gradient, in LstmVectors vectors, LstmOptions options)
    {
        if (!options.LayerNorm)
            return;
        NormalizeGradient(row.Gates, vectors.InputNorm, row.InputNormalized, row.InputInverseDeviation[0], gradient.InputProduct(row));
        NormalizeGradient(row.Gates, vectors.RecurrentNorm, row.RecurrentNormalized, row.RecurrentInverseDeviation[0], gradient.RecurrentProduct(row));
    }
}
