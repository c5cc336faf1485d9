namespace LstmCluster.Compute;

/// <summary>Element by element operations and reductions.</summary>
public interface IVectorOperations
{
    /// <summary><c>target += other</c>.</summary>
    void Add(DeviceSpan target, DeviceSpan other);

    /// <summary><c>target *= factor</c>.</summary>
    void Scale(DeviceSpan target, float factor);

    /// <summary>Limits each element to <c>[-limit, limit]</c>. NaN stays NaN.</summary>
    void Clamp(DeviceSpan target, float limit);

    /// <summary>Sums of squares in double precision, one for each block; the order within a block is fixed. Not finite when an element is not.</summary>
    /// <param name="x">The elements.</param>
    /// <param name="blockLength">Elements a block; the last one may be shorter.</param>
    /// <param name="sums">One sum a block.</param>
    void SumSquares(DeviceSpan x, int blockLength, Span<double> sums);

    /// <summary>Inverted dropout: zero with probability rate, else scaled by <c>1/(1-rate)</c>. Applied to a gradient it is its own backward pass.</summary>
    /// <param name="mask">Rate and keys of the mask.</param>
    /// <param name="shape">T and N.</param>
    /// <param name="rowKeys">[N,2]: shard and row within the shard, for each row.</param>
    /// <param name="width">Features.</param>
    /// <param name="input">[T,N,width].</param>
    /// <param name="output">[T,N,width]; may be the input itself.</param>
    void Dropout(in DropoutMask mask, BatchShape shape, DeviceIndices rowKeys, int width, DeviceSpan input, DeviceSpan output);
}
