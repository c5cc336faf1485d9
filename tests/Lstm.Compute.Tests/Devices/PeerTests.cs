using LstmCluster.Compute.Cpu;
using LstmCluster.Compute.Gpu;
using LstmCluster.Compute.OpenCl;

namespace LstmCluster.Compute.Tests;

/// <summary>Copies from one device to another without the host, where there is a way; only CUDA devices have one, so here it goes by the host after all.</summary>
public class PeerTests
{
    static readonly float[] s_values = [1, -2, 3.5f, 4, 5];

    [Fact]
    public void What_another_device_holds_is_copied_where_there_is_a_way()
    {
        var (here, there) = (WithWay(Runtime()), WithWay(Runtime()));
        using var device = new GpuDevice(here);
        using var other = new GpuDevice(there);
        using var source = other.Import(s_values);
        using var copy = device.ImportFrom(source).ShouldNotBeNull();
        other.Scale(source.All, 2);

        var found = new float[s_values.Length];
        device.Read(copy.All, found);
        found.ShouldBe(s_values);
    }

    [Fact]
    public void A_failed_copy_keeps_no_memory()
    {
        var runtime = Runtime();
        using var device = new GpuDevice(WithWay(runtime, fails: true));
        using var other = new GpuDevice(WithWay(Runtime()));
        using var source = other.Import(s_values);
        Should.Throw<GpuException>(() => device.ImportFrom(source)).Message.ShouldBe("no way after all");
        runtime.HeldBytes.ShouldBe(0);
    }

    [Fact]
    public void Without_a_way_nothing_is_copied()
    {
        using var device = new GpuDevice(Runtime());
        using var other = new GpuDevice(Runtime());
        using var cpu = CpuDevice.Create();
        using var source = other.Import(s_values);
        using var own = device.Import(s_values);
        using var host = cpu.Allocate(3);
        device.ImportFrom(source).ShouldBeNull("two contexts of OpenCL");
        device.ImportFrom(own).ShouldBeNull("the same device");
        device.ImportFrom(host).ShouldBeNull("the processor");
        ((IDevice)cpu).ImportFrom(source).ShouldBeNull("to the processor");
    }

    static OpenClRuntime Runtime()
    {
        Assert.SkipWhen(OpenClDevices.Absence is not null, $"NOT TESTED ON OPENCL: {OpenClDevices.Absence}");
        return OpenClDevices.CreateRuntime(0, KernelCache.OfUser());
    }

    static RuntimeWithWay WithWay(OpenClRuntime runtime, bool fails = false) => new(runtime, fails);

    /// <summary>A runtime that copies from others of its kind, by the host.</summary>
    sealed class RuntimeWithWay(OpenClRuntime inner, bool fails) : IGpuRuntime
    {
        public string Name => inner.Name;

        public bool HasDoubles => inner.HasDoubles;

        public bool HasWideTiles => inner.HasWideTiles;

        public long Launches => inner.Launches;

        public long HeldBytes => inner.HeldBytes;

        public bool Supports(ComputePrecision precision) => inner.Supports(precision);

        public nint Allocate(long bytes) => inner.Allocate(bytes);

        public void Free(nint memory, long bytes) => inner.Free(memory, bytes);

        public void Fill(nint memory, long offset, long bytes, int pattern) => inner.Fill(memory, offset, bytes, pattern);

        public void Copy(nint source, long sourceOffset, nint target, long targetOffset, long bytes) =>
            inner.Copy(source, sourceOffset, target, targetOffset, bytes);

        public bool CanCopyFrom(IGpuRuntime other) => other is RuntimeWithWay;

        public void CopyFrom(IGpuRuntime other, nint source, nint target, long bytes)
        {
            if (fails) throw new GpuException("no way after all");
            var content = new byte[bytes];
            other.Read(source, 0, content);
            inner.Write(target, 0, content);
        }

        public void Write(nint target, long offset, ReadOnlySpan<byte> source) => inner.Write(target, offset, source);

        public void Read(nint source, long offset, Span<byte> target) => inner.Read(source, offset, target);

        public GpuReadBack BeginRead(nint source, long offset, long bytes) => inner.BeginRead(source, offset, bytes);

        public void Launch(GpuKernel kernel, GpuGrid grid, ReadOnlySpan<GpuArgument> arguments) => inner.Launch(kernel, grid, arguments);

        public int GroupsAtOnce(GpuKernel kernel, int items, int localBytes) => inner.GroupsAtOnce(kernel, items, localBytes);

        public void LaunchAtOnce(GpuKernel kernel, GpuGrid grid, ReadOnlySpan<GpuArgument> arguments) => inner.LaunchAtOnce(kernel, grid, arguments);
    }
}
