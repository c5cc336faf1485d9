namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <summary>Where the rows of a GRU's or RNN's tensors stand at each step, and which have ended.</summary>
    readonly ref struct RecurrentRows
    {
        readonly RecurrentShape _shape;
        readonly ReadOnlySpan<int> _lengths;

        public RecurrentRows(in RecurrentShape shape, in RecurrentPass pass)
        {
            _shape = shape;
            if (pass.Lengths is null)
                return;
            _lengths = WholeNumbers(pass.Lengths, shape.Rows);
            if (_lengths.ContainsAnyExceptInRange(0, shape.Steps))
                throw new ArgumentException($"a length must be from 0 to {shape.Steps}, the time steps of the batch", nameof(pass));
        }

        /// <summary>The time step that comes at a turn of the loop.</summary>
        public int Step(int turn) => _shape.Reverse ? _shape.Steps - 1 - turn : turn;

        /// <summary>True where a row has ended.</summary>
        public bool IsPadding(int step, int row) => !_lengths.IsEmpty && step >= _lengths[row];

        /// <summary>A row of a tensor [T,N,width]; empty for an empty tensor.</summary>
        public Span<T> At(Span<T> tensor, int step, int row, int width) => RowOf(tensor, (step * _shape.Rows) + row, width);

        /// <summary>h before a step, [H], of [T+1,N,H].</summary>
        public Span<T> Before(Span<T> hidden, int step, int row) => At(hidden, _shape.Reverse ? step + 1 : step, row, _shape.Units);

        /// <summary>h after a step, [H], of [T+1,N,H].</summary>
        public Span<T> After(Span<T> hidden, int step, int row) => At(hidden, _shape.Reverse ? step : step + 1, row, _shape.Units);
    }
}
