namespace LstmCluster.Compute.Tests;

/// <summary>The operands of one operation on one device, placed so that a read or a write beyond them shows.</summary>
sealed class Operands(IDevice device, Placement placement) : IDisposable
{
    // Odd, so that operands do not start on a vector's boundary.
    const int MarginBefore = 3, MarginAfter = 5;

    readonly List<(string Name, DeviceBuffer Buffer, DeviceSpan Span)> _numbers = [];
    readonly List<IDisposable> _owned = [];

    public IDevice Device => device;

    /// <summary>An operand with these values; the device rounds them to its precision.</summary>
    public DeviceSpan Numbers(string name, double[] values)
    {
        var buffer = placement == Placement.BetweenNotNumbers ? device.Allocate(MarginBefore + values.Length + MarginAfter) : Guarded(values.Length);
        _owned.Add(buffer);
        if (placement == Placement.BetweenNotNumbers)
            device.Fill(buffer.All, float.NaN);
        var span = buffer.Slice(placement == Placement.BetweenNotNumbers ? MarginBefore : 0, values.Length);
        Write(span, values);
        _numbers.Add((name, buffer, span));
        return span;
    }

    /// <summary>An operand that the operation must write whole: it holds NaN.</summary>
    public DeviceSpan Unwritten(string name, int length) => Numbers(name, [.. Enumerable.Repeat(double.NaN, length)]);

    public DeviceIndices Indices(params int[] values)
    {
        var indices = device.AllocateIndices(values.Length);
        _owned.Add(indices);
        device.Write(indices, values);
        return indices;
    }

    public PreparedMatrix Matrix(DeviceSpan values, int rows, int columns, MatrixUse use)
    {
        var matrix = device.AllocatePrepared(rows, columns, use);
        _owned.Add(matrix);
        device.Prepare(values, matrix);
        return matrix;
    }

    /// <summary>What an operand holds now.</summary>
    public double[] Read(DeviceSpan span)
    {
        if (device is ReferenceDevice<double> exact)
        {
            var values = new double[span.Length];
            exact.Read(span, values);
            return values;
        }

        var singles = new float[span.Length];
        device.Read(span, singles);
        return Array.ConvertAll(singles, x => (double)x);
    }

    /// <summary>Every operand by name, inputs included, after checking that nothing beside them was written.</summary>
    public IEnumerable<(string Name, double[] Values)> ReadAll()
    {
        foreach (var (name, buffer, span) in _numbers)
        {
            if (placement != Placement.BetweenNotNumbers)
            {
                yield return (name, Read(span));
                continue;
            }

            // At once: a device that computes apart from the host is waited for each time.
            var all = Read(buffer.All);
            CheckMargin(all.AsSpan(0, MarginBefore), $"before {name}");
            CheckMargin(all.AsSpan(MarginBefore + span.Length), $"behind {name}");
            yield return (name, all[MarginBefore..(MarginBefore + span.Length)]);
        }
    }

    public void Dispose()
    {
        foreach (var owned in Enumerable.Reverse(_owned))
            owned.Dispose();
    }

    void CheckMargin(ReadOnlySpan<double> margin, string place)
    {
        foreach (var value in margin)
        {
            if (!double.IsNaN(value))
                Assert.Fail($"{device.Name} wrote {place}");
        }
    }

    DeviceBuffer Guarded(int length)
    {
        var memory = new GuardedMemory(length, placement);
        _owned.Add(memory);
        return device.Import(memory.Memory);
    }

    void Write(DeviceSpan span, double[] values)
    {
        if (device is ReferenceDevice<double> exact)
            exact.Write(span, values);
        else
            device.Write(span, Array.ConvertAll(values, x => (float)x));
    }
}
