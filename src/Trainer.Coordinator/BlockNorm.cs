using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>The <see cref="GradientNorm"/> of payloads.</summary>
/// <param name="device">Sums within a block.</param>
/// <param name="length">Elements of a vector.</param>
public sealed class BlockNorm(IDevice device, int length)
{
    readonly GradientNorm _norm = new(device, length);

    /// <summary>Blocks of a vector.</summary>
    public int Blocks { get; } = GradientNorm.BlocksIn(length);

    /// <summary>Adds the sums of blocks in order: the sum of squares of the vector they are of, bit for bit.</summary>
    public static double Sum(ReadOnlySpan<double> blocks)
    {
        double sum = 0;
        foreach (var block in blocks) sum += block;
        return sum;
    }

    /// <summary>Sum of squares of each block in double precision; not finite when an element is not.</summary>
    public void SumSquares(Payload<float> vector, Span<double> blocks)
    {
        ArgumentNullException.ThrowIfNull(vector);
        using var buffer = device.Import(vector.Memory);
        _norm.SumSquares(buffer.All, blocks);
    }

    /// <summary>Sum of squares in double precision; not finite when an element is not.</summary>
    public double SumSquares(Payload<float> vector)
    {
        ArgumentNullException.ThrowIfNull(vector);
        using var buffer = device.Import(vector.Memory);
        return _norm.SumSquares(buffer.All);
    }
}
