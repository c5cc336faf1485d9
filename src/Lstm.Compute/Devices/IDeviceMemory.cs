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

    /// <summary>Copies numbers to the device.</summary>
    void Write(DeviceSpan target, ReadOnlySpan<float> source);

    /// <summary>Copies whole numbers to the device, from its first element on.</summary>
    void Write(DeviceIndices target, ReadOnlySpan<int> source);

    /// <summary>Copies numbers to the host, after everything issued before.</summary>
    void Read(DeviceSpan source, Span<float> target);

    /// <summary>Copies within the device. The spans have one length and do not overlap.</summary>
    void Copy(DeviceSpan source, DeviceSpan target);

    /// <summary>Sets every element.</summary>
    void Fill(DeviceSpan target, float value);
}
