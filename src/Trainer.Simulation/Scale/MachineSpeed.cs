using System.Diagnostics;
using LstmCluster.Compute.Cpu;

namespace LstmCluster.Simulation;

/// <summary>What a core of this machine does, for simulations of clusters of such machines.</summary>
public static class MachineSpeed
{
    /// <summary>Share of the peak that training reaches (docs/benchmarks.md).</summary>
    const double TrainingShare = 0.8;

    static readonly TimeSpan s_enough = TimeSpan.FromSeconds(0.3);

    /// <summary>Floating-point operations per second that training reaches: a share of what was measured between registers.</summary>
    public static double FlopsPerSecond() => TrainingShare * Rate(static () => MachinePeak.MultiplyAdds(1_000_000));

    /// <summary>Bytes per second read from memory that no cache holds.</summary>
    public static double MemoryBytesPerSecond()
    {
        using var device = CpuDevice.Create();
        using var memory = device.Allocate(1 << 25);
        return Rate(() => MachinePeak.Read(memory.All));
    }

    /// <summary>The best of several pieces: what disturbs only ever takes time.</summary>
    static double Rate(Func<long> work)
    {
        var (clock, best) = (Stopwatch.StartNew(), 0.0);
        work();
        while (clock.Elapsed < s_enough)
        {
            var start = Stopwatch.GetTimestamp();
            var done = work();
            best = Math.Max(best, done / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
