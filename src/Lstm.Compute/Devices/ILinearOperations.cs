namespace LstmCluster.Compute;

/// <summary>Matrix products. Each element of a product is one chain of fused multiply-adds over the inner index in ascending order.</summary>
public interface ILinearOperations
{
    /// <summary>Takes memory for a weight matrix in the device's own order.</summary>
    PreparedMatrix AllocatePrepared(int rows, int columns, MatrixUse use);

    /// <summary>Fills a prepared matrix.</summary>
    /// <param name="matrix">[rows,columns].</param>
    /// <param name="target">The prepared form, of the same extent.</param>
    void Prepare(DeviceSpan matrix, PreparedMatrix target);

    /// <summary><c>y = bias + x B</c>, or <c>y += x B</c>; B is W^T or W by the matrix's <see cref="PreparedMatrix.Use"/>.</summary>
    /// <param name="x">[rows,Inner].</param>
    /// <param name="rows">Rows of x and y.</param>
    /// <param name="b">The prepared matrix.</param>
    /// <param name="y">[rows,Outer].</param>
    /// <param name="bias">[Outer]: the chain starts from it; empty: from zero. Ignored when accumulating.</param>
    /// <param name="accumulate">True: the chain starts from what y holds.</param>
    void Multiply(DeviceSpan x, int rows, PreparedMatrix b, DeviceSpan y, DeviceSpan bias, bool accumulate);

    /// <summary>Gradient of a linear map's weights and bias over the rows of one shard: <c>dW = sum dy x^T</c>, <c>db = sum dy</c>, over t, then n.</summary>
    /// <param name="shape">Extent of the whole batch.</param>
    /// <param name="rows">The shard's rows.</param>
    /// <param name="outputGradient">dy, [T,N,outputs].</param>
    /// <param name="outputs">Features of dy.</param>
    /// <param name="input">x, [T,N,inputs].</param>
    /// <param name="inputs">Features of x; 0 for the gradient of a bias alone, with empty x and dW.</param>
    /// <param name="kernelGradient">dW, [outputs,inputs].</param>
    /// <param name="biasGradient">db, [outputs]; empty to leave it out.</param>
    /// <param name="accumulate">True: the finished sum is added to what the target holds, in one rounding.</param>
    void LinearGradient(
        BatchShape shape, RowRange rows, DeviceSpan outputGradient, int outputs, DeviceSpan input, int inputs,
        DeviceSpan kernelGradient, DeviceSpan biasGradient, bool accumulate);
}
