using LstmCluster.Compute;
using LstmCluster.Training;

namespace Trainer.Worker.Tests;

public sealed class WeightImportsTests : IDisposable
{
    readonly Training _training = new();
    readonly WeightImports _imports = new();

    [Fact]
    public void The_second_device_gets_weights_from_the_first_where_it_reaches_it()
    {
        var weights = _training.Weights();
        var (first, second) = (new FakeMemory(reachesOthers: true), new FakeMemory(reachesOthers: true));
        var there = _imports.Import(weights, first);
        var here = _imports.Import(weights, second);
        (first.Uploads, second.Uploads, second.From).ShouldBe((1, 0, there));
        FakeMemory.Content(here).ShouldBe(weights.Span.ToArray());
        _imports.Free(there);
        _imports.Free(here);
    }

    [Fact]
    public void Devices_that_do_not_reach_each_other_each_get_them_from_the_host()
    {
        var weights = _training.Weights();
        var (first, second) = (new FakeMemory(reachesOthers: false), new FakeMemory(reachesOthers: false));
        var copies = new[] { _imports.Import(weights, first), _imports.Import(weights, second) };
        (first.Uploads, second.Uploads).ShouldBe((1, 1));
        foreach (var copy in copies) _imports.Free(copy);
    }

    [Fact]
    public void Nothing_is_taken_of_other_weights_or_of_what_was_freed()
    {
        var (weights, others) = (_training.Weights(seed: 1), _training.Weights(seed: 2));
        var (first, second) = (new FakeMemory(reachesOthers: true), new FakeMemory(reachesOthers: true));
        var there = _imports.Import(weights, first);
        _imports.Free(_imports.Import(others, second));
        second.Uploads.ShouldBe(1, "they are other weights");
        _imports.Free(there);
        _imports.Free(_imports.Import(weights, second));
        second.Uploads.ShouldBe(2, "the first device's copy is gone");
    }

    public void Dispose() => _training.Dispose();

    /// <summary>Memory of a device that counts what comes from the host.</summary>
    sealed class FakeMemory(bool reachesOthers) : IDeviceMemory
    {
        static readonly ReferenceDevice<float> s_device = new();

        public int Uploads { get; private set; }

        public DeviceBuffer? From { get; private set; }

        public static float[] Content(DeviceBuffer buffer)
        {
            var content = new float[buffer.Length];
            s_device.Read(buffer.All, content);
            return content;
        }

        public DeviceBuffer Allocate(int length) => s_device.Allocate(length);

        public DeviceIndices AllocateIndices(int length) => s_device.AllocateIndices(length);

        public DeviceBuffer Import(Memory<float> host)
        {
            Uploads++;
            return s_device.Import(host);
        }

        public DeviceBuffer? ImportFrom(DeviceBuffer other)
        {
            if (!reachesOthers) return null;
            From = other;
            var copy = s_device.Allocate(other.Length);
            s_device.Copy(other.All, copy.All);
            return copy;
        }

        public void Write(DeviceSpan target, ReadOnlySpan<float> source) => s_device.Write(target, source);

        public void Write(DeviceIndices target, ReadOnlySpan<int> source) => s_device.Write(target, source);

        public void Read(DeviceSpan source, Span<float> target) => s_device.Read(source, target);

        public void Copy(DeviceSpan source, DeviceSpan target) => s_device.Copy(source, target);

        public void Fill(DeviceSpan target, float value) => s_device.Fill(target, value);
    }
}
