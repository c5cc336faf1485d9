using System.Numerics;

namespace LstmCluster.Compute;

/// <summary>The device that every other one is tested against: scalar, naive, never optimised, in single or double precision.</summary>
/// <remarks>
/// One operation a file, each backward pass in the file beside its forward pass. Every operand's length is checked against its shape.
/// Its products follow <see cref="ILinearOperations"/> literally, one chain of fused multiply-adds an element, so a device that keeps that rule has
/// the bits of the <see cref="float"/> reference there.
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed partial class ReferenceDevice<T> : IDevice
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary><c>reference</c> in single precision, <c>reference-double</c> in double.</summary>
    public string Name => typeof(T) == typeof(float) ? "reference" : $"reference-{typeof(T).Name.ToLowerInvariant()}";

    ComputePrecision _precision;

    /// <inheritdoc/>
    public bool Supports(ComputePrecision precision) => true;

    /// <inheritdoc/>
    public void Use(ComputePrecision precision) => _precision = precision;

    /// <summary>Does nothing: buffers have owners of their own.</summary>
    public void Dispose()
    {
    }
}
