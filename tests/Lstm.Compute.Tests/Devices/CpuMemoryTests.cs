using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

/// <summary>A device knows how much memory it gave out, so that benchmarks can state it.</summary>
public sealed class CpuMemoryTests : IDisposable
{
    readonly CpuDevice _device = CpuDevice.Create();

    [Fact]
    public void Everything_that_is_taken_counts_until_it_is_given_back()
    {
        var (numbers, indices) = (_device.Allocate(5), _device.AllocateIndices(3));
        var columns = 2 * _device.VectorWidth;
        var matrix = _device.AllocatePrepared(columns, 7, MatrixUse.Forward);
        _device.HeldBytes.ShouldBe(sizeof(float) * (5 + 3 + (columns * 7)));

        numbers.Dispose();
        numbers.Dispose();
        _device.HeldBytes.ShouldBe(sizeof(float) * (3 + (columns * 7)));

        indices.Dispose();
        matrix.Dispose();
        _device.HeldBytes.ShouldBe(0);
    }

    [Fact]
    public void Host_memory_that_is_used_in_place_does_not_count()
    {
        using var imported = _device.Import(new float[100]);

        _device.HeldBytes.ShouldBe(0);
    }

    [Fact]
    public void Working_memory_grows_to_the_largest_need_and_stays()
    {
        _device.WorkingBytes.ShouldBe(0);
        Multiply(100);
        var largest = _device.WorkingBytes;
        largest.ShouldBe(sizeof(float) * 100);

        Multiply(7);
        _device.WorkingBytes.ShouldBe(largest);
    }

    public void Dispose() => _device.Dispose();

    // Without a bias a product starts from zeros, which are working memory.
    void Multiply(int outputs)
    {
        using var matrix = _device.AllocatePrepared(outputs, 3, MatrixUse.Forward);
        using var x = _device.Allocate(3);
        using var y = _device.Allocate(outputs);
        _device.Multiply(x.All, 1, matrix, y.All, default, accumulate: false);
    }
}
