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

    /// <summary>Rounds each element to the nearest number that has a 16-bit form, as <see cref="Bf16"/> does: how gradients are summed that travel in half the bytes.</summary>
    void RoundToBf16(DeviceSpan target);

    /// <summary><c>output = tanh(input)</c>.</summary>
    /// <param name="input">As long as the output.</param>
    /// <param name="output">Written; may be the input itself.</param>
    void Tanh(DeviceSpan input, DeviceSpan output);

    /// <summary>Backward of <see cref="Tanh"/>: <c>gradient *= 1 - output^2</c>.</summary>
    /// <param name="output">What <see cref="Tanh"/> gave, as long as the gradient.</param>
    /// <param name="gradient">In: gradient of the output. Out: gradient of the input.</param>
    void TanhGradient(DeviceSpan output, DeviceSpan gradient);

    /// <summary>Copies columns of one matrix into columns of another: how features are put side by side, and taken apart.</summary>
    /// <param name="rows">Rows of both matrices, T*N.</param>
    /// <param name="width">Columns to copy.</param>
    /// <param name="source">[rows,sourceWidth].</param>
    /// <param name="sourceWidth">Columns of the source.</param>
    /// <param name="sourceColumn">The first column read.</param>
    /// <param name="target">[rows,targetWidth]; other memory than the source.</param>
    /// <param name="targetWidth">Columns of the target.</param>
    /// <param name="targetColumn">The first column written.</param>
    /// <param name="add">True: added to what the target holds.</param>
    /// <exception cref="ArgumentException">A matrix does not hold what its shape says, or the columns do not lie within it.</exception>
    void CopyColumns(
        int rows, int width, DeviceSpan source, int sourceWidth, int sourceColumn, DeviceSpan target, int targetWidth, int targetColumn, bool add);

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
