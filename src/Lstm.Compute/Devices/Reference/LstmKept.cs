namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <summary>What an LSTM's forward pass keeps, each operand checked against the shape and its option.</summary>
    readonly ref struct LstmKept
    {
        readonly LstmShape _shape;
        readonly ReadOnlySpan<int> _lengths;
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

            _lengths = WholeNumbers(activations.Pass.Lengths, N);
            if (_lengths.ContainsAnyExceptInRange(0, T))
                throw new ArgumentException($"a length must be from 0 to {T}, the time steps of the batch", nameof(activations));
        }

        /// <summary>True where a row has ended.</summary>
        public bool IsPadding(int step, int row) => !_lengths.IsEmpty && step >= _lengths[row];

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
                InputInverseDeviation = Deviation(0, position),
                RecurrentInverseDeviation = Deviation(1, position),
                CellInverseDeviation = Deviation(2, position),
            };
        }

        Span<T> Deviation(int of, int position) => RowOf(_inverseDeviations, (of * _shape.Steps * _shape.Rows) + position, 1);
    }

    /// <summary>What is kept of one row at one step. Operands of options that are off stand for what then has their value, or are empty.</summary>
    readonly ref struct LstmRow
    {
        public int Step { get; init; }
        public int Row { get; init; }

        /// <summary>x, [D].</summary>
        public Span<T> Input { get; init; }

        /// <summary>[GH].</summary>
        public Span<T> Gates { get; init; }

        /// <summary>c, [H].</summary>
        public Span<T> CellBefore { get; init; }

        /// <summary>n, [H]; c' itself without zoneout of the cell.</summary>
        public Span<T> NewCell { get; init; }

        /// <summary>c', [H].</summary>
        public Span<T> Cell { get; init; }

        /// <summary>h, [P].</summary>
        public Span<T> HiddenBefore { get; init; }

        /// <summary>m*h, [P]; h itself without recurrent dropout.</summary>
        public Span<T> MaskedHidden { get; init; }

        /// <summary>h~, [H]; without projection h', which zoneout then mixes in place.</summary>
        public Span<T> CellOutput { get; init; }

        /// <summary>h', [P].</summary>
        public Span<T> Hidden { get; init; }

        /// <summary>[GH].</summary>
        public Span<T> InputNormalized { get; init; }

        /// <summary>[GH].</summary>
        public Span<T> RecurrentNormalized { get; init; }

        /// <summary>[H].</summary>
        public Span<T> CellNormalized { get; init; }

        /// <summary>One number.</summary>
        public Span<T> InputInverseDeviation { get; init; }

        /// <summary>One number.</summary>
        public Span<T> RecurrentInverseDeviation { get; init; }

        /// <summary>One number.</summary>
        public Span<T> CellInverseDeviation { get; init; }

        /// <summary>Leaves the state of a row that has ended as it is, and zero elsewhere.</summary>
        public void CarryState()
        {
            Gates.Clear();
            MaskedOrNothing().Clear();
            CellOutput.Clear();
            NewCell.Clear();
            InputNormalized.Clear();
            RecurrentNormalized.Clear();
            CellNormalized.Clear();
            InputInverseDeviation.Clear();
            RecurrentInverseDeviation.Clear();
            CellInverseDeviation.Clear();
            CellBefore.CopyTo(Cell);
            HiddenBefore.CopyTo(Hidden);
        }

        Span<T> MaskedOrNothing() => MaskedHidden == HiddenBefore ? [] : MaskedHidden;
    }

    /// <summary>The parameters that are vectors, each checked against the shape and its option.</summary>
    readonly ref struct LstmVectors
    {
        public LstmVectors(in LstmShape shape, in LstmParameters parameters)
        {
            var options = shape.Options;
            Bias = Numbers(parameters.Bias, shape.GateRows);
            Peephole = Optional(options.Peephole, parameters.Peephole, (options.GateCount - 1) * shape.Units);
            InputNorm = Optional(options.LayerNorm, parameters.InputNorm, 2 * shape.GateRows);
            RecurrentNorm = Optional(options.LayerNorm, parameters.RecurrentNorm, 2 * shape.GateRows);
            CellNorm = Optional(options.LayerNorm, parameters.CellNorm, 2 * shape.Units);
        }

        /// <summary>b, [GH].</summary>
        public Span<T> Bias { get; }

        /// <summary>[G-1,H].</summary>
        public Span<T> Peephole { get; }

        /// <summary>[2,GH].</summary>
        public Span<T> InputNorm { get; }

        /// <summary>[2,GH].</summary>
        public Span<T> RecurrentNorm { get; }

        /// <summary>[2,H].</summary>
        public Span<T> CellNorm { get; }
    }

    static Span<T> RowOf(Span<T> tensor, int row, int width) => tensor.IsEmpty ? [] : tensor.Slice(row * width, width);
}
