using System.Diagnostics;
using LstmCluster.Compute.Cpu;

namespace LstmCluster.Cli.Bench;

/// <summary>What one slot measured: times in seconds, rates a second.</summary>
sealed class LstmSamples
{
    // Long beside the clock's resolution and short beside the time in which a processor changes its clock rate.
    const double PieceSeconds = 0.003;

    readonly int _turns;

    /// <summary>Finds out how long a piece of the peak measurement must be.</summary>
    public LstmSamples()
    {
        MachinePeak.MultiplyAdds(1000);
        var start = Stopwatch.GetTimestamp();
        MachinePeak.MultiplyAdds(1000);
        _turns = (int)Math.Clamp(1000 * PieceSeconds / Math.Max(1e-7, Stopwatch.GetElapsedTime(start).TotalSeconds), 1000, 100_000_000);
    }

    public List<double> ForwardSeconds { get; } = [];

    public List<double> BackwardSeconds { get; } = [];

    /// <summary>Floating-point operations a second.</summary>
    public List<double> Peak { get; } = [];

    /// <summary>Bytes read a second.</summary>
    public List<double> ReadPeak { get; } = [];

    /// <summary>The most managed bytes that one forward and backward took.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>One piece of the machine's own peak.</summary>
    public void TakePeak()
    {
        var start = Stopwatch.GetTimestamp();
        var operations = MachinePeak.MultiplyAdds(_turns);
        Peak.Add(operations / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>One piece of the read bandwidth, from whichever cache the memory fits in.</summary>
    public void TakeReadPeak(LstmSlot slot)
    {
        slot.Read();
        var start = Stopwatch.GetTimestamp();
        long bytes = 0;
        do bytes += slot.Read();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < PieceSeconds);
        ReadPeak.Add(bytes / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>One pass of the slot's layers.</summary>
    /// <returns>The managed bytes that it took.</returns>
    public static long Take(Action pass, List<double> seconds)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        pass();
        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        seconds.Add(elapsed);
        return allocated;
    }

    public void TakeAllocated(long bytes) => AllocatedBytes = Math.Max(AllocatedBytes, bytes);

    /// <summary>Forgets the warm-up.</summary>
    public void Clear()
    {
        foreach (var samples in (ReadOnlySpan<List<double>>)[ForwardSeconds, BackwardSeconds, Peak, ReadPeak]) samples.Clear();
        AllocatedBytes = 0;
    }

    /// <summary>The median over the samples of all slots; NaN without any.</summary>
    public static double Median(IEnumerable<double> samples)
    {
        var sorted = samples.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
