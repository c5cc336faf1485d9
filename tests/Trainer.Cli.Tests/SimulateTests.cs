namespace Trainer.Cli.Tests;

public sealed class SimulateTests
{
    static readonly string[] s_seeds = ["simulate", "job.yaml", "--set", "training.steps=6", "--seeds", "4", "--json"];

    [Fact]
    public async Task A_seed_does_the_same_in_every_process()
    {
        using var workspace = new Workspace();

        var one = await workspace.RunAsync(s_seeds);
        var other = await workspace.RunAsync(s_seeds);

        one.ExitCode.ShouldBe(0, one.Errors + one.Output);
        one.Output.ShouldContain("\"trace\"");
        one.Output.ShouldBe(other.Output);
    }

    [Fact]
    public async Task An_unknown_fault_is_refused_in_one_line()
    {
        using var workspace = new Workspace();

        var result = await workspace.RunAsync("simulate", "job.yaml", "--faults", "loss,fire");

        result.ExitCode.ShouldBe(2);
        result.Errors.ShouldContain("--faults");
        result.Errors.ShouldContain("fire");
    }
}
