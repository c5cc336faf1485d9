
namespace Trainer.Cli.Tests;

public sealed class DivergenceTests
{
    [Theory]
    [InlineData("none")]
    [InlineData("{ norm: 1 }")]
    [InlineData("{ value: 0.1 }")]
    public async Task Divergence_exits_1_names_the_step_and_leaves_a_checkpoint_that_loads(string clip)
    {
        using var workspace = new Workspace();

        var result = await workspace.TrainAsync(
            "--set", "training.optimizer={ adam: { rate: 1e6 } }", "--set", $"training.clip={clip}", "--set", "training.checkpoint.every=1 steps");

        result.ExitCode.ShouldBe(1, result.Output);
        result.Last.Text("event").ShouldBe("failed");
        var line = result.ErrorLines.ShouldHaveSingleItem();
        line.ShouldStartWith("lstm-cluster: ");
        line.ShouldContain($"step {result.Last.Whole("step")}");
        line.ShouldContain(result.Last.Text("checkpoint"));
        line.ShouldNotContain("   at ");
        File.Exists(workspace["runs/small/weights.safetensors"]).ShouldBeFalse("a failed run has no result");

        var evaluated = await workspace.RunAsync("eval", "runs/small", "--json");
        evaluated.ExitCode.ShouldBe(0, evaluated.Errors);
        evaluated.Last.Text("weights").ShouldBe(result.Last.Text("checkpoint"));
    }

    [Fact]
    public async Task A_diverged_run_can_be_resumed_with_a_lower_rate()
    {
        using var workspace = new Workspace();
        (await workspace.TrainAsync("--set", "training.optimizer={ adam: { rate: 1e6 } }")).ExitCode.ShouldBe(1);

        var resumed = await workspace.TrainAsync("--resume", "--set", "training.steps=20");

        resumed.Last.Text("event").ShouldBe("finished");
    }
}
