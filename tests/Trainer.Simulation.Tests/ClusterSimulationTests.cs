using LstmCluster.Simulation;

namespace Trainer.Simulation.Tests;

public class ClusterSimulationTests
{
    public static TheoryData<string> Kinds => [.. FaultNames.ByName.Keys];

    [Fact]
    public void A_cluster_without_faults_ends_as_one_worker_does()
    {
        for (var seed = 1ul; seed <= 5; seed++) Run(seed, FaultKinds.None).Restarts.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_kind_of_fault_alone_changes_no_result(string kind)
    {
        for (var seed = 1ul; seed <= 4; seed++) Run(seed, FaultNames.Parse(kind));
    }

    [Fact]
    public void All_faults_together_change_no_result()
    {
        for (var seed = 1ul; seed <= 20; seed++) Run(seed, FaultKinds.All);
    }

    [Fact]
    public void The_same_seed_does_the_same()
    {
        for (var seed = 1ul; seed <= 3; seed++) Run(seed, FaultKinds.All).TraceHash.ShouldBe(Run(seed, FaultKinds.All).TraceHash);
    }

    [Fact]
    public void Other_seeds_do_something_else() => Run(1, FaultKinds.All).TraceHash.ShouldNotBe(Run(2, FaultKinds.All).TraceHash);

    static SimulationResult Run(ulong seed, FaultKinds faults)
    {
        var options = new SimulationOptions { Seed = seed, Faults = faults };
        var result = ClusterSimulation.Run(TinyJob.Reference, options);
        result.Violation.ShouldBeNull($"{options.Command("JOB")}\n{string.Join('\n', result.LastEvents)}");
        return result;
    }
}
