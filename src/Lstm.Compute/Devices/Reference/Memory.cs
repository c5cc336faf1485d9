namespace LstmCluster.Compute;

public sealed partial class ReferenceDevice<T>
{
    /// <inheritdoc/>
    public DeviceBuffer Allocate(int length) => new ReferenceBuffer<T>(length);

    /// <inheritdoc/>
    public DeviceIndices AllocateIndices(int length) => new ReferenceIndices(length);

    /// <summary>Copies host memory. It is always a copy, in single precision too: later changes on either side do not reach the other.</summary>
    /// <param name="host">The memory.</param>
    public DeviceBuffer Import(Memory<float> host)
    {
        var buffer = new ReferenceBuffer<T>(host.Length);
        Write(buffer.All, host.Span);
        return buffer;
    }

    /// <inheritdoc/>
    public void Write(DeviceSpan target, ReadOnlySpan<float> source)
    {
        var numbers = Numbers(target, source.Length);
        for (var index = 0; index < source.Length; index++)
            numbers[index] = Number(source[index]);
    }

    /// <summary>Copies numbers to the device in its own precision.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public void Write(DeviceSpan target, ReadOnlySpan<T> source) => source.CopyTo(Numbers(target, source.Length));

    /// <inheritdoc/>
    public void Write(DeviceIndices target, ReadOnlySpan<int> source) => source.CopyTo(WholeNumbers(target, source.Length));

    /// <inheritdoc/>
    public void Read(DeviceSpan source, Span<float> target)
    {
        var numbers = Numbers(source, target.Length);
        for (var index = 0; index < target.Length; index++)
            target[index] = float.CreateTruncating(numbers[index]);
    }

    /// <summary>Copies numbers to the host in the device's own precision.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public void Read(DeviceSpan source, Span<T> target) => Numbers(source, target.Length).CopyTo(target);

    /// <inheritdoc/>
    public void Copy(DeviceSpan source, DeviceSpan target) => Numbers(source, target.Length).CopyTo(Numbers(target));

    /// <inheritdoc/>
    public void Fill(DeviceSpan target, float value) => Numbers(target).Fill(Number(value));
}
