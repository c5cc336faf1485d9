namespace LstmCluster.Compute;

/// <summary>The norm of a gradient, summed over fixed blocks in order, so that its bits do not depend on how the blocks are spread over owners; and clipping by it.</summary>
/// <param name="device">Sums within a block.</param>
/// <param name="length">Elements of a vector.</param>
public sealed class GradientNorm(IVectorOperations device, int length)
{
    /// <summary>Elements of a block.</summary>
    public const int BlockLength = 4096;

    // Keeps the quotient finite, as in PyTorch's clip_grad_norm_.
    const double Epsilon = 1e-6;

    readonly double[] _blocks = new double[BlocksIn(length)];

    /// <summary>Factor that limits a norm: <c>min(1, limit/norm)</c> (Pascanu, Mikolov and Bengio 2013).</summary>
    /// <param name="limit">Largest norm.</param>
    /// <param name="norm">The norm.</param>
    public static double ClipFactor(double limit, double norm) => Math.Min(1, limit / (norm + Epsilon));

    /// <summary>Blocks of a vector; the last one may be shorter.</summary>
    /// <param name="length">Elements of the vector.</param>
    public static int BlocksIn(int length) => (int)(((long)length + BlockLength - 1) / BlockLength);

    /// <summary>Sum of squares in double precision; not finite when an element is not.</summary>
    /// <param name="vector">As many elements as were said.</param>
    public double SumSquares(DeviceSpan vector)
    {
        SumSquares(vector, _blocks);
        double sum = 0;
        foreach (var block in _blocks) sum += block;
        return sum;
    }

    /// <summary>The sum of squares of each block. Added in order, over all parts of a vector, they are its sum of squares bit for bit.</summary>
    /// <param name="vector">As many elements as were said, from the beginning of a block.</param>
    /// <param name="blocks">One sum for each of its blocks.</param>
    public void SumSquares(DeviceSpan vector, Span<double> blocks) => device.SumSquares(vector, BlockLength, blocks);
}
