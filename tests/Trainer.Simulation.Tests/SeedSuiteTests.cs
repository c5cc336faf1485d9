using System.Globalization;
using LstmCluster.Simulation;

namespace Trainer.Simulation.Tests;

/// <summary>Many seeds with all faults. <c>LSTM_CLUSTER_SEEDS</c> says how many (1,000 by default), <c>LSTM_CLUSTER_FIRST_SEED</c> which is the first (1).</summary>
[Trait("Category", "Slow")]
public class SeedSuiteTests
{
    [Fact]
    public void No_seed_violates_an_invariant()
    {
        var options = new SimulationOptions { Seed = (ulong)Number("LSTM_CLUSTER_FIRST_SEED", 1) };
        var failures = new List<string>();
        SeedSuite.Run(TinyJob.Reference, options, Number("LSTM_CLUSTER_SEEDS", 1000), Environment.ProcessorCount, result =>
        {
            if (result.Violation is { } violation) failures.Add($"{(options with { Seed = result.Seed }).Command("JOB")}: {violation}");
        }, TestContext.Current.CancellationToken);
        failures.ShouldBeEmpty();
    }

    static long Number(string name, long otherwise) =>
        Environment.GetEnvironmentVariable(name) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
