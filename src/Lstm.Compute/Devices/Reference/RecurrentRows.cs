namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <summary>Where the rows of a GRU's or RNN's tensors stand at each step, and which have ended.</summary>
    readonly ref struct RecurrentRows
    {
        readonly RecurrentShape _shape;
        readonly ReadOnlySpan<int> _lengths;
        readonly int _firstStep;

        public RecurrentRows(in RecurrentShape shape, in RecurrentPass pass)
        {
            _shape = shape;
            if (pass.Lengths is null)
                return;
            _lengths = LengthsOf(pass, shape.Batch);
            _firstStep = pass.FirstStep;
        }

        /// <summary>The time step that comes at a turn of the loop.</summary>
        public int Step(int turn) => _shape.Reverse ? _shape.Steps - 1 - turn : turn;

        /// <summary>True where a row has ended.</summary>
        public bool IsPadding(int step, int row) => !_lengths.IsEmpty && _firstStep + step >= _lengths[row];

        /// <summary>A row of a tensor [T,N,width]; empty for an empty tensor.</summary>
        public Span<T> At(Span<T> tensor, int step, int row, int width) => RowOf(tensor, (step * _shape.Rows) + row, width);

        /// <summary>h before a step, [H], of [T+1,N,H].</summary>
        public Span<T> Before(Span<T> hidden, int step, int row) => At(hidden, _shape.Reverse ? step + 1 : step, row, _shape.Units);

        /// <summary>h after a step, [H], of [T+1,N,H].</summary>
        public Span<T> After(Span<T> hidden, int step, int row) => At(hidden, _shape.Reverse ? step : step + 1, row, _shape.Units);
    }

    /// <summary>Time steps of each row.</summary>
    /// <exception cref="ArgumentException">A length does not lie within the batch.</exception>
    static Span<int> LengthsOf(RecurrentPass pass, BatchShape shape)
    {
        var lengths = WholeNumbers(pass.Lengths!, shape.Rows);
        var steps = pass.StepsOfBatch(shape.Steps);
        if (lengths.ContainsAnyExceptInRange(0, steps))
            throw new ArgumentException($"a length must be from 0 to {steps}, the time steps of the batch", nameof(pass));
        return lengths;
    }
}
