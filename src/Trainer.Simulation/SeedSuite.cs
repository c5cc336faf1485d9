namespace LstmCluster.Simulation;

/// <summary>Many seeds of one job, on several threads: each simulation is on one of them, and none knows of another.</summary>
public static class SeedSuite
{
    /// <summary>Runs seeds.</summary>
    /// <param name="reference">The job, run undisturbed.</param>
    /// <param name="options">What is simulated; the first seed.</param>
    /// <param name="count">How many seeds, from the first one on.</param>
    /// <param name="threads">How many at a time.</param>
    /// <param name="done">Hears of each one when it is done, in no particular order, one at a time.</param>
    /// <param name="cancellation">Begins no more.</param>
    public static void Run(
        ReferenceRun reference, SimulationOptions options, long count, int threads, Action<SimulationResult> done, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(done);
        var gate = new Lock();
        Parallel.For(0L, count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, index =>
        {
            var result = ClusterSimulation.Run(reference, options with { Seed = options.Seed + (ulong)index });
            lock (gate) done(result);
        });
    }
}
