namespace LstmCluster.Compute;

/// <summary>How a sequence becomes one vector.</summary>
public enum Pooling
{
    /// <summary>
    /// The vector of the sequence's last step. A model takes what runs backwards in time at the first step instead, where it has seen the whole sequence;
    /// directions whose outputs were added cannot be told apart any more, so that <see cref="Mean"/> or <see cref="Max"/> suit them better.
    /// </summary>
    Last,

    /// <summary>The mean over the sequence's steps.</summary>
    Mean,

    /// <summary>The largest of each feature over the sequence's steps; of equal ones the first gets the gradient. NaN is the largest.</summary>
    Max,
}

/// <summary>Pooling over time of ragged sequences. Padding neither enters a result nor gets a gradient other than zero.</summary>
public interface IPoolingOperations
{
    /// <summary>One vector for each row; a row of length 0 gets zeros.</summary>
    /// <param name="kind">How.</param>
    /// <param name="shape">T and N.</param>
    /// <param name="width">Features.</param>
    /// <param name="lengths">[N], steps of each row's sequence, each in 0..T.</param>
    /// <param name="input">[T,N,width].</param>
    /// <param name="output">[N,width].</param>
    void PoolForward(Pooling kind, BatchShape shape, int width, DeviceIndices lengths, DeviceSpan input, DeviceSpan output);

    /// <summary>Gradient of <see cref="PoolForward"/>.</summary>
    /// <param name="kind">How.</param>
    /// <param name="shape">T and N.</param>
    /// <param name="width">Features.</param>
    /// <param name="lengths">[N], as in the forward pass.</param>
    /// <param name="input">[T,N,width], as in the forward pass; read by <see cref="Pooling.Max"/> only, else it may be empty.</param>
    /// <param name="output">[N,width], what the forward pass gave; read by <see cref="Pooling.Max"/> only, else it may be empty.</param>
    /// <param name="outputGradient">[N,width].</param>
    /// <param name="inputGradient">[T,N,width]. Overwritten, padding included.</param>
    void PoolBackward(
        Pooling kind, BatchShape shape, int width, DeviceIndices lengths, DeviceSpan input, DeviceSpan output,
        DeviceSpan outputGradient, DeviceSpan inputGradient);
}
