namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void AttentionForward(in AttentionShape shape, in AttentionOperands operands)
    {
        var rows = new AttentionRows(shape, operands);
        var contexts = Numbers(operands.Context, shape.Steps * shape.Rows * shape.ValueSize);
        for (var t = 0; t < shape.Steps; t++)
        {
            for (var n = 0; n < shape.Rows; n++)
            {
                var weights = rows.Weights(t, n);
                var context = rows.At(contexts, t, n, shape.ValueSize);
                for (var s = 0; s < weights.Length; s++)
                    weights[s] = rows.Score(rows.Query(t, n), rows.Key(s, n));
                Softmax(weights);
                context.Clear();
                for (var s = 0; s < weights.Length; s++)
                {
                    for (var feature = 0; feature < context.Length; feature++)
                        context[feature] = T.FusedMultiplyAdd(weights[s], rows.Value(s, n)[feature], context[feature]);
                }
            }
        }
    }

    static void Softmax(Span<T> scores)
    {
        if (scores.IsEmpty)
            return;
        var (largest, sum) = ShiftedSum(scores);
        foreach (ref var score in scores)
            score = T.Exp(score - largest) / sum;
    }

    /// <summary>Where the vectors of an attention stand, each operand checked against the shape; rows have only the source steps of their length.</summary>
    readonly ref struct AttentionRows
    {
        readonly AttentionShape _shape;
        readonly Span<T> _queries, _keys, _values, _weights;
        readonly ReadOnlySpan<int> _lengths;

        public AttentionRows(in AttentionShape shape, in AttentionOperands operands)
        {
            _shape = shape;
            _queries = Numbers(operands.Queries, shape.Steps * shape.Rows * shape.KeySize);
            _keys = Numbers(operands.Keys, shape.SourceSteps * shape.Rows * shape.KeySize);
            _values = Numbers(operands.Values, shape.SourceSteps * shape.Rows * shape.ValueSize);
            _weights = Numbers(operands.Weights, shape.Steps * shape.Rows * shape.SourceSteps);
            ScoreVector = Optional(shape.Score == AttentionScore.Additive, operands.ScoreVector, shape.KeySize);
            if (operands.SourceLengths is not null)
                _lengths = Lengths(operands.SourceLengths, new(shape.SourceSteps, shape.Rows));
        }

        /// <summary>v, [A]; empty without the additive score.</summary>
        public Span<T> ScoreVector { get; }

        public Span<T> Query(int t, int n) => At(_queries, t, n, _shape.KeySize);

        public Span<T> Key(int s, int n) => At(_keys, s, n, _shape.KeySize);

        public Span<T> Value(int s, int n) => At(_values, s, n, _shape.ValueSize);

        /// <summary>The weights of the row's own source steps. The others are set to zero, so that nothing is left over from an earlier batch.</summary>
        public Span<T> Weights(int t, int n)
        {
            var all = At(_weights, t, n, _shape.SourceSteps);
            var length = _lengths.IsEmpty ? _shape.SourceSteps : _lengths[n];
            all[length..].Clear();
            return all[..length];
        }

        /// <summary>A vector of a tensor [time,N,width].</summary>
        public Span<T> At(Span<T> tensor, int step, int row, int width) => tensor.Slice(((step * _shape.Rows) + row) * width, width);

        public T Score(ReadOnlySpan<T> query, ReadOnlySpan<T> key)
        {
            var sum = T.Zero;
            for (var index = 0; index < query.Length; index++)
            {
                sum += _shape.Score == AttentionScore.Additive
                    ? ScoreVector[index] * T.Tanh(query[index] + key[index])
                    : query[index] * key[index];
            }

            return sum;
        }
    }
}
