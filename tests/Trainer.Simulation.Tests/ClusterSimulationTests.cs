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

    [Theory]
    [InlineData(3, 0)]
    [InlineData(0, 1)]
    [InlineData(0, 3)]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    public void Any_number_of_parameter_servers_changes_no_result(int servers, int processes)
    {
        for (var seed = 1ul; seed <= 4; seed++)
            Run(new SimulationOptions { Seed = seed, ParameterServers = servers, ParameterServerProcesses = processes });
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Standbys_take_over_whatever_the_fault_and_change_no_result(string kind)
    {
        for (var seed = 1ul; seed <= 3; seed++) Run(new SimulationOptions { Seed = seed, Standbys = 2, Faults = FaultNames.Parse(kind) });
    }

    [Fact]
    public void A_standby_takes_over_in_some_seeds()
    {
        var restarts = 0L;
        for (var seed = 1ul; seed <= 40; seed++) restarts += Run(new SimulationOptions { Seed = seed, Standbys = 1, Faults = FaultKinds.Crash | FaultKinds.Registry }).Restarts;
        restarts.ShouldBeGreaterThan(5);
    }

    [Fact]
    public void Elections_do_the_same_for_the_same_seed()
    {
        var options = new SimulationOptions { Standbys = 2 };
        for (var seed = 1ul; seed <= 3; seed++) Run(options with { Seed = seed }).TraceHash.ShouldBe(Run(options with { Seed = seed }).TraceHash);
    }

    [Fact]
    public void No_fault_shows_in_the_step_of_an_early_end_and_in_the_best_weights()
    {
        TinyJob.EarlyReference.Steps.ShouldBeInRange(8, TinyJob.StepsOfEarly - 1);
        for (var seed = 1ul; seed <= 30; seed++)
        {
            var options = new SimulationOptions { Seed = seed, Standbys = (int)(seed % 2) };
            var result = ClusterSimulation.Run(TinyJob.EarlyReference, options);
            result.Violation.ShouldBeNull($"seed {seed}\n{string.Join('\n', result.LastEvents)}");
        }
    }

    [Fact]
    public void No_fault_shows_in_a_model_of_rows_that_reads_words_and_characters()
    {
        for (var seed = 1ul; seed <= 10; seed++)
        {
            var result = ClusterSimulation.Run(TinyJob.RowsReference, new SimulationOptions { Seed = seed });
            result.Violation.ShouldBeNull($"seed {seed}\n{string.Join('\n', result.LastEvents)}");
        }
    }

    [Fact]
    public void Messages_of_an_earlier_term_are_refused_by_all()
    {
        var brought = 0;
        for (var seed = 1ul; seed <= 20; seed++)
        {
            var late = new BringsOldMessages();
            Run(new SimulationOptions { Seed = seed }, late);
            brought += late.Brought;
        }

        brought.ShouldBeGreaterThan(20);
    }

    [Fact]
    public void The_command_that_replays_names_the_parameter_servers_that_were_asked_for()
    {
        new SimulationOptions { Seed = 7, ParameterServers = 0, ParameterServerProcesses = 2, Standbys = 1 }.Command("JOB")
            .ShouldBe("lstm-cluster simulate JOB --workers 4 --parameter-servers 0 --parameter-server-processes 2 --standbys 1 --seed 7 --faults all");
        new SimulationOptions { Seed = 7 }.Command("JOB").ShouldBe("lstm-cluster simulate JOB --workers 4 --seed 7 --faults all");
    }

    static SimulationResult Run(ulong seed, FaultKinds faults) => Run(new SimulationOptions { Seed = seed, Faults = faults });

    static SimulationResult Run(SimulationOptions options, Bug? mutation = null)
    {
        var result = ClusterSimulation.Run(TinyJob.Reference, options, mutation);
        result.Violation.ShouldBeNull($"{options.Command("JOB")}\n{string.Join('\n', result.LastEvents)}");
        return result;
    }
}
