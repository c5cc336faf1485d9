namespace LstmCluster.Compute;

/// <summary>Operations on tokens: embedding and classification loss.</summary>
public interface ITokenOperations
{
    /// <summary>Gathers rows of a table.</summary>
    /// <param name="table">[V,E].</param>
    /// <param name="width">E.</param>
    /// <param name="tokens">[count], each in 0..V-1.</param>
    /// <param name="count">Number of tokens, T*N.</param>
    /// <param name="output">[count,E].</param>
    void EmbeddingForward(DeviceSpan table, int width, DeviceIndices tokens, int count, DeviceSpan output);

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
}
