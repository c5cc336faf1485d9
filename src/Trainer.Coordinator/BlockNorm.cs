using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>Sums of squares over fixed blocks, added up in order: the same bits however the blocks are spread over owners.</summary>
/// <param name="device">Sums within a block.</param>
/// <param name="length">Elements of a vector.</param>
public sealed class BlockNorm(IDevice device, int length)
{
    const int BlockLength = 4096;

    readonly double[] _blocks = new double[(length + BlockLength - 1) / BlockLength];

    /// <summary>Sum of squares in double precision; not finite when an element is not.</summary>
    public double SumSquares(Payload<float> vector)
    {
        ArgumentNullException.ThrowIfNull(vector);
        using var buffer = device.Import(vector.Memory);
        device.SumSquares(buffer.All, BlockLength, _blocks);
        double sum = 0;
        foreach (var block in _blocks) sum += block;
        return sum;
    }
}
