using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>The <see cref="GradientNorm"/> of payloads.</summary>
/// <param name="device">Sums within a block.</param>
/// <param name="length">Elements of a vector.</param>
public sealed class BlockNorm(IDevice device, int length)
{
    readonly GradientNorm _norm = new(device, length);

    /// <summary>Sum of squares in double precision; not finite when an element is not.</summary>
    public double SumSquares(Payload<float> vector)
    {
        ArgumentNullException.ThrowIfNull(vector);
        using var buffer = device.Import(vector.Memory);
        return _norm.SumSquares(buffer.All);
    }
}
