namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void LstmWeightGradient(
        in LstmShape shape, RowRange rows, in LstmActivations activations, in LstmGradients gradients, in LstmParameters parameters, Summation sum)
    {
        CheckRows(shape.Batch, rows);
        var (H, D, P, options) = (shape.Units, shape.Inputs, shape.Outputs, shape.Options);
        var kept = new LstmKept(shape, activations);
        var found = new LstmFound(shape, gradients);
        var vectors = new LstmVectors(shape, parameters);
        var dW = new GradientSums(Numbers(parameters.Kernel, shape.GateRows * D), sum);
        var dU = new GradientSums(Numbers(parameters.RecurrentKernel, shape.GateRows * P), sum);
        var db = new GradientSums(vectors.Bias, sum);
        var peephole = new GradientSums(vectors.Peephole, sum);
        var projection = new GradientSums(Optional(options.Projection > 0, parameters.Projection, P * H), sum);
        var inputNorm = new GradientSums(vectors.InputNorm, sum);
        var recurrentNorm = new GradientSums(vectors.RecurrentNorm, sum);
        var cellNorm = new GradientSums(vectors.CellNorm, sum);
        for (var turn = 0; turn < TimeSegments.Count(shape.Steps); turn++)
        {
            var segment = TimeSegments.At(turn, shape.Steps, shape.Options.Reverse);
            for (var t = segment.First; t < segment.End; t++)
            {
                for (var n = rows.First; n < rows.First + rows.Count; n++)
                {
                    if (kept.IsPadding(t, n))
                        continue;
                    var row = kept.At(t, n);
                    var gradient = found.At(t, n);
                    dW.AddProduct(Operands(gradient.InputProduct(row)), Operands(row.Input));
                    dU.AddProduct(Operands(gradient.RecurrentProduct(row)), Operands(row.MaskedHidden));
                    db.Add(row.Gates);
                    if (options.Peephole)
                        AddPeepholes(peephole, row, options);
                    if (options.Projection > 0)
                        projection.AddProduct(Operands(gradient.Output), Operands(row.CellOutput));
                    if (!options.LayerNorm)
                        continue;
                    inputNorm.AddNorm(row.Gates, row.InputNormalized);
                    recurrentNorm.AddNorm(row.Gates, row.RecurrentNormalized);
                    cellNorm.AddNorm(gradient.CellNorm, row.CellNormalized);
                }
            }
        }

        dW.Finish();
        dU.Finish();
        db.Finish();
        peephole.Finish();
        projection.Finish();
        inputNorm.Finish();
        recurrentNorm.Finish();
        cellNorm.Finish();
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

    /// <summary>Sums that reach their target once they are finished.</summary>
    readonly ref struct GradientSums(Span<T> target, Summation sum)
    {
        readonly Span<T> _target = target;
        readonly T[] _sums = sum == Summation.Continue ? target.ToArray() : new T[target.Length];

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

        public void Finish()
        {
            for (var index = 0; index < _sums.Length; index++)
                _target[index] = sum == Summation.Add ? _target[index] + _sums[index] : _sums[index];
        }
    }
}
