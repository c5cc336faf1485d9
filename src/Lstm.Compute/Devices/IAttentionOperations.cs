namespace LstmCluster.Compute;

/// <summary>
/// Attention of each decoder step to the source sequence of its row: <c>weights = softmax(scores)</c> over the source's own steps,
/// <c>context = sum over s of weights[s]*values[s]</c>.
/// </summary>
/// <remarks>
/// Source steps beyond a row's length take no part: their weight is zero, whatever key and value hold, and they get no gradient. A source of length 0
/// has weights and context of zero. Rows do not influence each other. A batch may be worked off in windows of decoder time with the bits of one call:
/// forward in any order, backward from the last window to the first.
/// </remarks>
public interface IAttentionOperations
{
    /// <summary>Weights and context of every decoder step.</summary>
    /// <remarks>Bahdanau, Cho and Bengio 2015 (additive); Luong, Pham and Manning 2015 (dot, general).</remarks>
    /// <param name="shape">T, N, S, A, M and the score.</param>
    /// <param name="operands">Queries, keys and values; weights and context are written.</param>
    /// <exception cref="ArgumentException">An operand does not hold what its shape says, or a length is not from 0 to S.</exception>
    void AttentionForward(in AttentionShape shape, in AttentionOperands operands);

    /// <summary>
    /// Gradients of queries, keys, values and score vector. Sums run over decoder time from the last step to the first, within a step over the source
    /// from the first to the last.
    /// </summary>
    /// <param name="shape">T, N, S, A, M and the score.</param>
    /// <param name="operands">As forward left them.</param>
    /// <param name="gradients">The context's gradient; the others are written or added to.</param>
    /// <exception cref="ArgumentException">An operand does not hold what its shape says, or a length is not from 0 to S.</exception>
    void AttentionBackward(in AttentionShape shape, in AttentionOperands operands, in AttentionGradients gradients);
}
