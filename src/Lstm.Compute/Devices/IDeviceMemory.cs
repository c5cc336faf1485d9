namespace LstmCluster.Compute;

/// <summary>Memory of a device and the way in and out of it.</summary>
public interface IDeviceMemory
{
    /// <summary>Takes zeroed memory for <paramref name="length"/> numbers.</summary>
    DeviceBuffer Allocate(int length);

    /// <summary>Takes zeroed memory for <paramref name="length"/> whole numbers.</summary>
    DeviceIndices AllocateIndices(int length);

    /// <summary>Makes host memory usable as an operand: in place where the device computes in host memory in single precision, else as an uploaded copy.</summary>
    /// <param name="host">The memory, which must outlive the result.</param>
    DeviceBuffer Import(Memory<float> host);

    /// <summary>Takes a copy of what another device holds, on a way between the two that the host has no part in.</summary>
    /// <param name="other">Memory of the other device. It may be freed as soon as this returns.</param>
    /// <returns>The copy; null where there is no such way.</returns>
    DeviceBuffer? ImportFrom(DeviceBuffer other) => null;

    /// <summary>Copies numbers to the device.</summary>
    void Write(DeviceSpan target, ReadOnlySpan<float> source);

    /// <summary>Copies whole numbers to the device, from its first element on.</summary>
    void Write(DeviceIndices target, ReadOnlySpan<int> source);

    /// <summary>Copies numbers to the host, after everything issued before.</summary>
    void Read(DeviceSpan source, Span<float> target);

    /// <summary>True where operands are the host's own memory, so that <see cref="Import"/> copies nothing and results are there when an operation returns.</summary>
    bool ComputesInHostMemory => false;

    /// <summary>Begins to copy numbers to the host, after everything issued before; where the device has memory of its own, while it goes on with what is issued afterwards.</summary>
    /// <param name="source">The numbers, which nothing may overwrite before the result is completed.</param>
    /// <param name="target">Where they are after <see cref="DeviceRead.Complete"/>.</param>
    /// <returns>To be completed or abandoned.</returns>
    DeviceRead BeginRead(DeviceSpan source, Memory<float> target)
    {
        Read(source, target.Span);
        return DeviceRead.Done;
    }

    /// <summary>Copies within the device. The spans have one length and do not overlap.</summary>
    void Copy(DeviceSpan source, DeviceSpan target);

    /// <summary>Sets every element.</summary>
    void Fill(DeviceSpan target, float value);
}
