namespace LstmCluster.Compute;

/// <summary>Operations on tokens: embedding, classification loss, and what a model feeds back to itself.</summary>
public interface ITokenOperations
{
    /// <summary>Gathers rows of a table.</summary>
    /// <param name="table">[V,E].</param>
    /// <param name="width">E.</param>
    /// <param name="tokens">At least first+count, each of those used in 0..V-1.</param>
    /// <param name="first">Index of the first token used: 0, or that of the first position of a window of time.</param>
    /// <param name="count">Number of tokens used, T*N.</param>
    /// <param name="output">[count,E].</param>
    /// <exception cref="ArgumentException">An operand does not hold what its shape says, or a token lies outside of the vocabulary.</exception>
    void EmbeddingForward(DeviceSpan table, int width, DeviceIndices tokens, int first, int count, DeviceSpan output);

    /// <summary>Gradient of the table over the rows of one shard: each position's gradient is added to its token's row, over t, then n.</summary>
    /// <param name="shape">Extent of the whole batch.</param>
    /// <param name="rows">The shard's rows.</param>
    /// <param name="width">E.</param>
    /// <param name="tokens">[T,N].</param>
    /// <param name="outputGradient">[T,N,E].</param>
    /// <param name="tableGradient">[V,E]. Overwritten.</param>
    void EmbeddingGradient(BatchShape shape, RowRange rows, int width, DeviceIndices tokens, DeviceSpan outputGradient, DeviceSpan tableGradient);

    /// <summary>Softmax cross-entropy of each position, in nats, and its gradient.</summary>
    /// <param name="logits">[count,classes]. With <paramref name="gradient"/>, overwritten with <c>softmax - onehot(target)</c>.</param>
    /// <param name="classes">V.</param>
    /// <param name="targets">[count], each in 0..V-1; a negative one is ignored: loss and gradient are zero.</param>
    /// <param name="count">Number of positions, T*N.</param>
    /// <param name="losses">[count].</param>
    /// <param name="gradient">False to leave the logits as they are.</param>
    void SoftmaxCrossEntropy(DeviceSpan logits, int classes, DeviceIndices targets, int count, DeviceSpan losses, bool gradient);

    /// <summary>
    /// Scheduled sampling (Bengio et al. 2015): with probability <see cref="DropoutMask.Rate"/> a row's token of one step becomes the class with the largest
    /// score, which is what greedy decoding would feed back.
    /// </summary>
    /// <remarks>Row n is replaced when its word for element <paramref name="step"/>, in a mask of width 1, lies below the mask's threshold: where dropout would drop. At rate 1 every row is.</remarks>
    /// <param name="mask">Rate and keys.</param>
    /// <param name="rowKeys">[N,2]: shard and row within the shard, for each row.</param>
    /// <param name="scores">[N,classes]; of equal ones the first counts, and a NaN is passed over.</param>
    /// <param name="classes">V.</param>
    /// <param name="step">The step whose tokens are replaced.</param>
    /// <param name="rows">N.</param>
    /// <param name="tokens">[T,N].</param>
    /// <exception cref="ArgumentException">An operand does not hold what its shape says.</exception>
    void ReplaceTokens(in DropoutMask mask, DeviceIndices rowKeys, DeviceSpan scores, int classes, int step, int rows, DeviceIndices tokens);
}
