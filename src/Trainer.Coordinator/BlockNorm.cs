using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>The <see cref="GradientNorm"/> of payloads, block by block.</summary>
public static class BlockNorm
{
    /// <summary>Adds the sums of blocks in order: the sum of squares of the vector they are of, bit for bit.</summary>
    /// <param name="blocks">Sums of squares of blocks.</param>
    /// <param name="before">The sum over the blocks before them.</param>
    public static double Sum(ReadOnlySpan<double> blocks, double before = 0)
    {
        foreach (var block in blocks) before += block;
        return before;
    }

    /// <summary>Sum of squares of each block in double precision; not finite when an element is not.</summary>
    /// <param name="device">Sums within a block.</param>
    /// <param name="vector">A vector, from the beginning of a block.</param>
    /// <param name="blocks">One sum for each of its blocks.</param>
    public static void SumSquares(IDevice device, Payload<float> vector, Span<double> blocks)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(vector);
        using var buffer = device.Import(vector.Memory);
        device.SumSquares(buffer.All, GradientNorm.BlockLength, blocks);
    }
}
