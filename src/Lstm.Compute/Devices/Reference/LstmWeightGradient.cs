namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void LstmWeightGradient(
        in LstmShape shape, RowRange rows, in LstmActivations activations, in LstmGradients gradients, in LstmParameters parameters, bool accumulate)
    {
        CheckRows(shape.Batch, rows);
        var (H, D, P, options) = (shape.Units, shape.Inputs, shape.Outputs, shape.Options);
        var kept = new LstmKept(shape, activations);
        var found = new LstmFound(shape, gradients);
        var vectors = new LstmVectors(shape, parameters);
        var dW = new GradientSums(Numbers(parameters.Kernel, shape.GateRows * D));
        var dU = new GradientSums(Numbers(parameters.RecurrentKernel, shape.GateRows * P));
        var db = new GradientSums(vectors.Bias);
        var peephole = new GradientSums(vectors.Peephole);
        var projection = new GradientSums(Optional(options.Projection > 0, parameters.Projection, P * H));
        var inputNorm = new GradientSums(vectors.InputNorm);
        var recurrentNorm = new GradientSums(vectors.RecurrentNorm);
        var cellNorm = new GradientSums(vectors.CellNorm);
        for (var t = 0; t < shape.Steps; t++)
        {
            for (var n = rows.First; n < rows.First + rows.Count; n++)
            {
                if (kept.IsPadding(t, n))
                    continue;
                var row = kept.At(t, n);
                var gradient = found.At(t, n);
                dW.AddProduct(gradient.InputProduct(row), row.Input);
                dU.AddProduct(gradient.RecurrentProduct(row), row.MaskedHidden);
                db.Add(row.Gates);
                if (options.Peephole)
                    AddPeepholes(peephole, row, options);
                if (options.Projection > 0)
                    projection.AddProduct(gradient.Output, row.CellOutput);
                if (!options.LayerNorm)
                    continue;
                inputNorm.AddNorm(row.Gates, row.InputNormalized);
                recurrentNorm.AddNorm(row.Gates, row.RecurrentNormalized);
                cellNorm.AddNorm(gradient.CellNorm, row.CellNormalized);
            }
        }

        dW.Finish(accumulate);
        dU.Finish(accumulate);
        db.Finish(accumulate);
        peephole.Finish(accumulate);
        projection.Finish(accumulate);
        inputNorm.Finish(accumulate);
        recurrentNorm.Finish(accumulate);
        cellNorm.Finish(accumulate);
    }

    static void AddPeepholes(in GradientSums peephole, in LstmRow row, LstmOptions options)
    {
        var units = row.NewCell.Length;
        var places = new GatePlaces(options, units);
        for (var unit = 0; unit < units; unit++)
        {
            peephole.Add(unit, row.Gates[unit], row.CellBefore[unit]);
            if (!options.CoupledInputForget)
                peephole.Add(places.Forget + unit, row.Gates[places.Forget + unit], row.CellBefore[unit]);
            peephole.Add(places.OutputPeephole + unit, row.Gates[places.Output + unit], row.NewCell[unit]);
        }
    }

    /// <summary>Sums that begin at zero and reach their target once they are finished.</summary>
    readonly ref struct GradientSums(Span<T> target)
    {
        readonly Span<T> _target = target;
        readonly T[] _sums = new T[target.Length];

        public void Add(int index, T left, T right) => _sums[index] = T.FusedMultiplyAdd(left, right, _sums[index]);

        public void Add(ReadOnlySpan<T> terms)
        {
            for (var index = 0; index < terms.Length; index++)
                _sums[index] += terms[index];
        }

        /// <summary>Adds <c>left right^T</c>.</summary>
        public void AddProduct(ReadOnlySpan<T> left, ReadOnlySpan<T> right)
        {
            for (var index = 0; index < _sums.Length; index++)
                Add(index, left[index / right.Length], right[index % right.Length]);
        }

        /// <summary>Adds the gradients of gain, then shift.</summary>
        public void AddNorm(ReadOnlySpan<T> gradient, ReadOnlySpan<T> normalized)
        {
            for (var index = 0; index < gradient.Length; index++)
            {
                Add(index, gradient[index], normalized[index]);
                _sums[gradient.Length + index] += gradient[index];
            }
        }

        public void Finish(bool accumulate)
        {
            for (var index = 0; index < _sums.Length; index++)
                _target[index] = accumulate ? _target[index] + _sums[index] : _sums[index];
        }
    }
}
