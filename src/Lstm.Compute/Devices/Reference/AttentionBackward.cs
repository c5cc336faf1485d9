namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public void AttentionBackward(in AttentionShape shape, in AttentionOperands operands, in AttentionGradients gradients)
    {
        var rows = new AttentionRows(shape, operands);
        var (A, M, isAdditive) = (shape.KeySize, shape.ValueSize, shape.Score == AttentionScore.Additive);
        var contexts = Numbers(gradients.Context, shape.Steps * shape.Rows * M);
        var queries = Numbers(gradients.Queries, shape.Steps * shape.Rows * A);
        var keys = Numbers(gradients.Keys, shape.SourceSteps * shape.Rows * A);
        var values = Numbers(gradients.Values, shape.SourceSteps * shape.Rows * M);
        var vectors = Optional(isAdditive, gradients.ScoreVector, shape.Rows * A);
        for (var t = shape.Steps - 1; t >= 0; t--)
        {
            for (var n = 0; n < shape.Rows; n++)
            {
                var weights = rows.Weights(t, n);
                var dContext = rows.At(contexts, t, n, M);
                var dQuery = rows.At(queries, t, n, A);
                dQuery.Clear();
                var scores = new T[weights.Length];
                var sum = T.Zero;
                for (var s = 0; s < weights.Length; s++)
                {
                    var dValue = rows.At(values, s, n, M);
                    for (var feature = 0; feature < M; feature++)
                    {
                        dValue[feature] = T.FusedMultiplyAdd(weights[s], dContext[feature], dValue[feature]);
                        scores[s] += dContext[feature] * rows.Value(s, n)[feature];
                    }

                    sum += weights[s] * scores[s];
                }

                for (var s = 0; s < weights.Length; s++)
                {
                    var dScore = weights[s] * (scores[s] - sum);
                    var dKey = rows.At(keys, s, n, A);
                    if (isAdditive)
                        AdditiveGradient(dScore, rows.Query(t, n), rows.Key(s, n), rows.ScoreVector, dQuery, dKey, vectors.Slice(n * A, A));
                    else
                        DotGradient(dScore, rows.Query(t, n), rows.Key(s, n), dQuery, dKey);
                }
            }
        }
    }

    static void DotGradient(T dScore, ReadOnlySpan<T> query, ReadOnlySpan<T> key, Span<T> dQuery, Span<T> dKey)
    {
        for (var index = 0; index < query.Length; index++)
        {
            dQuery[index] = T.FusedMultiplyAdd(dScore, key[index], dQuery[index]);
            dKey[index] = T.FusedMultiplyAdd(dScore, query[index], dKey[index]);
        }
    }

    static void AdditiveGradient(
        T dScore, ReadOnlySpan<T> query, ReadOnlySpan<T> key, ReadOnlySpan<T> vector, Span<T> dQuery, Span<T> dKey, Span<T> dVector)
    {
        for (var index = 0; index < query.Length; index++)
        {
            var energy = T.Tanh(query[index] + key[index]);
            var gradient = dScore * vector[index] * (T.One - (energy * energy));
            dQuery[index] += gradient;
            dKey[index] += gradient;
            dVector[index] = T.FusedMultiplyAdd(dScore, energy, dVector[index]);
        }
    }
}
