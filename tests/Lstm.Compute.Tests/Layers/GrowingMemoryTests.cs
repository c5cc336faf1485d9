using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

/// <summary>Memory that could not grow is not taken for what it was: the next batch finds room again, or an error that names the reason.</summary>
public sealed class GrowingMemoryTests : IDisposable
{
    readonly CpuDevice _device = CpuDevice.Create();

    [Fact]
    public void A_buffer_that_could_not_grow_has_room_again_at_the_next_call()
    {
        var memory = new BoundedMemory(_device, most: 8);
        using var buffer = new GrowingBuffer(memory);
        buffer.Reserve(4);
        Should.Throw<InsufficientMemoryException>(() => buffer.Reserve(9));
        Should.Throw<InvalidOperationException>(() => buffer.Span(2));
        buffer.Reserve(3);
        _device.Fill(buffer.Span(3), 1f);
    }

    [Fact]
    public void Indices_that_could_not_grow_have_room_again_at_the_next_call()
    {
        var memory = new BoundedMemory(_device, most: 8);
        using var indices = new GrowingIndices(memory);
        indices.Reserve(4);
        Should.Throw<InsufficientMemoryException>(() => indices.Reserve(9));
        indices.Reserve(3);
        _device.Write(indices.Value, [1, 2, 3]);
    }

    [Fact]
    public void A_tensor_longer_than_any_memory_is_refused_and_the_present_one_stays()
    {
        using var buffer = new GrowingBuffer(_device);
        buffer.Reserve(4);
        Should.Throw<ArgumentException>(() => buffer.Reserve(3L * int.MaxValue)).Message.ShouldContain("fewer steps or rows");
        _device.Fill(buffer.Span(4), 1f);
    }

    [Fact]
    public unsafe void Working_memory_that_could_not_grow_is_taken_anew()
    {
        using var scratch = new Scratch(new HostMemory());
        scratch.Floats(4)[3] = 1f;
        Should.Throw<OutOfMemoryException>(() => { scratch.Floats(long.MaxValue / 8); });
        scratch.Floats(4)[3] = 1f;
        scratch.Floats(0);
    }

    public void Dispose() => _device.Dispose();

    /// <summary>Memory of a device, of which no piece may be longer than a limit.</summary>
    sealed class BoundedMemory(IDeviceMemory memory, int most) : IDeviceMemory
    {
        public DeviceBuffer Allocate(int length) => length <= most ? memory.Allocate(length) : throw new InsufficientMemoryException();

        public DeviceIndices AllocateIndices(int length) => length <= most ? memory.AllocateIndices(length) : throw new InsufficientMemoryException();

        public DeviceBuffer Import(Memory<float> host) => memory.Import(host);

        public void Write(DeviceSpan target, ReadOnlySpan<float> source) => memory.Write(target, source);

        public void Write(DeviceIndices target, ReadOnlySpan<int> source) => memory.Write(target, source);

        public void Read(DeviceSpan source, Span<float> target) => memory.Read(source, target);

        public void Copy(DeviceSpan source, DeviceSpan target) => memory.Copy(source, target);

        public void Fill(DeviceSpan target, float value) => memory.Fill(target, value);
    }
}
