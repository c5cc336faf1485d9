namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <summary>The gradients of an LSTM's backward pass, each operand checked against the shape and its option.</summary>
    readonly ref struct LstmFound
    {
        readonly LstmShape _shape;
        readonly Span<T> _output, _input, _hidden, _cell, _inputProduct, _recurrentProduct, _cellNorm;

        public LstmFound(in LstmShape shape, in LstmGradients gradients)
        {
            _shape = shape;
            var (positions, layerNorm) = (shape.Batch.Positions, shape.Options.LayerNorm);
            _output = Numbers(gradients.Output, positions * shape.Outputs);
            _input = Optional(!gradients.Input.IsEmpty, gradients.Input, positions * shape.Inputs);
            _hidden = Numbers(gradients.FinalHidden, shape.Rows * shape.Outputs);
            _cell = Numbers(gradients.FinalCell, shape.Rows * shape.Units);
            _inputProduct = Optional(layerNorm, gradients.InputProduct, positions * shape.GateRows);
            _recurrentProduct = Optional(layerNorm, gradients.RecurrentProduct, positions * shape.GateRows);
            _cellNorm = Optional(layerNorm, gradients.CellNorm, positions * shape.Units);
        }

        /// <summary>One row at one step.</summary>
        public LstmRowGradient At(int step, int row)
        {
            var position = (step * _shape.Rows) + row;
            return new(RowOf(_inputProduct, position, _shape.GateRows), RowOf(_recurrentProduct, position, _shape.GateRows))
            {
                Output = RowOf(_output, position, _shape.Outputs),
                Input = RowOf(_input, position, _shape.Inputs),
                Hidden = RowOf(_hidden, row, _shape.Outputs),
                Cell = RowOf(_cell, row, _shape.Units),
                CellNorm = RowOf(_cellNorm, position, _shape.Units),
            };
        }
    }

    /// <summary>The gradients of one row at one step.</summary>
    readonly ref struct LstmRowGradient(Span<T> inputProduct, Span<T> recurrentProduct)
    {
        readonly Span<T> _inputProduct = inputProduct, _recurrentProduct = recurrentProduct;

        /// <summary>[P]. In: of y. Out: of r.</summary>
        public Span<T> Output { get; init; }

        /// <summary>[D]; empty when nobody needs it.</summary>
        public Span<T> Input { get; init; }

        /// <summary>[P]. In: of h', from later steps. Out: of h.</summary>
        public Span<T> Hidden { get; init; }

        /// <summary>[H]. In: of c', from later steps. Out: of c.</summary>
        public Span<T> Cell { get; init; }

        /// <summary>[H], with layer normalisation.</summary>
        public Span<T> CellNorm { get; init; }

        /// <summary>Of <c>x W^T</c>, [GH]: that of the pre-activations without layer normalisation.</summary>
        public Span<T> InputProduct(in LstmRow row) => _inputProduct.IsEmpty ? row.Gates : _inputProduct;

        /// <summary>Of <c>m*h U^T</c>, [GH]: that of the pre-activations without layer normalisation.</summary>
        public Span<T> RecurrentProduct(in LstmRow row) => _recurrentProduct.IsEmpty ? row.Gates : _recurrentProduct;

        /// <summary>No gradient from a row that has ended, whatever stands in dy: that of its state goes on to the step before.</summary>
        public void LeaveState(Span<T> gates)
        {
            gates.Clear();
            Output.Clear();
            Input.Clear();
            CellNorm.Clear();
            _inputProduct.Clear();
            _recurrentProduct.Clear();
        }
    }
}
