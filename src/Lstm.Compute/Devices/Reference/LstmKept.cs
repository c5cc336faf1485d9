namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <summary>What an LSTM's forward pass keeps, each operand checked against the shape and its option.</summary>
    readonly ref struct LstmKept
    {
        readonly LstmShape _shape;
        readonly ReadOnlySpan<int> _lengths;
        readonly int _firstStep;
        readonly Span<T> _input, _gates, _cells, _hidden, _cellOutput, _newCells, _maskedHidden;
        readonly Span<T> _inputNormalized, _recurrentNormalized, _cellNormalized, _inverseDeviations;

        public LstmKept(in LstmShape shape, in LstmActivations activations)
        {
            _shape = shape;
            var (T, N, D, H) = shape;
            var (positions, gateRows, outputs, options) = (T * N, shape.GateRows, shape.Outputs, shape.Options);
            _input = Numbers(activations.Input, positions * D);
            _gates = Numbers(activations.Gates, positions * gateRows);
            _cells = Numbers(activations.Cells, (positions + N) * H);
            _hidden = Numbers(activations.Hidden, (positions + N) * outputs);
            _cellOutput = Optional(options.Projection > 0, activations.CellOutput, positions * H);
            _newCells = Optional(options.ZoneoutCell > 0, activations.NewCells, positions * H);
            _maskedHidden = Optional(options.RecurrentDropout > 0, activations.MaskedHidden, positions * outputs);
            _inputNormalized = Optional(options.LayerNorm, activations.InputNormalized, positions * gateRows);
            _recurrentNormalized = Optional(options.LayerNorm, activations.RecurrentNormalized, positions * gateRows);
            _cellNormalized = Optional(options.LayerNorm, activations.CellNormalized, positions * H);
            _inverseDeviations = Optional(options.LayerNorm, activations.InverseDeviations, 3 * positions);
            if (activations.Pass.Lengths is null)
                return;

            _lengths = LengthsOf(activations.Pass, shape.Batch);
            _firstStep = activations.Pass.FirstStep;
        }

        /// <summary>True where a row has ended.</summary>
        public bool IsPadding(int step, int row) => !_lengths.IsEmpty && _firstStep + step >= _lengths[row];

        /// <summary>One row at one step.</summary>
        public LstmRow At(int step, int row)
        {
            var position = (step * _shape.Rows) + row;
            var (before, after) = _shape.Options.Reverse ? (position + _shape.Rows, position) : (position, position + _shape.Rows);
            var hiddenBefore = RowOf(_hidden, before, _shape.Outputs);
            var hidden = RowOf(_hidden, after, _shape.Outputs);
            var cell = RowOf(_cells, after, _shape.Units);
            return new()
            {
                Step = step,
                Row = row,
                Input = RowOf(_input, position, _shape.Inputs),
                Gates = RowOf(_gates, position, _shape.GateRows),
                CellBefore = RowOf(_cells, before, _shape.Units),
                NewCell = _newCells.IsEmpty ? cell : RowOf(_newCells, position, _shape.Units),
                Cell = cell,
                HiddenBefore = hiddenBefore,
                MaskedHidden = _maskedHidden.IsEmpty ? hiddenBefore : RowOf(_maskedHidden, position, _shape.Outputs),
                CellOutput = _cellOutput.IsEmpty ? hidden : RowOf(_cellOutput, position, _shape.Units),
                Hidden = hidden,
                InputNormalized = RowOf(_inputNormalized, position, _shape.GateRows),
                RecurrentNormalized = RowOf(_recurrentNormalized, position, _shape.GateRows),
                CellNormalized = RowOf(_cellNormalized, position, _shape.Units),
                InputInverseDeviation = Deviation(0, step, row),
                RecurrentInverseDeviation = Deviation(1, step, row),
                CellInverseDeviation = Deviation(2, step, row),
            };
        }

        Span<T> Deviation(int of, int step, int row) => RowOf(_inverseDeviations, (((step * 3) + of) * _shape.Rows) + row, 1);
    }

    static Span<T> RowOf(Span<T> tensor, int row, int width) => tensor.IsEmpty ? [] : tensor.Slice(row * width, width);
}
