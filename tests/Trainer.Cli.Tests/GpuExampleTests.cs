using System.Globalization;

namespace Trainer.Cli.Tests;

/// <summary>The main example on a GPU, with fewer units where that is one in software. <c>LSTM_CLUSTER_GPU_STEPS</c> for more than 10 steps.</summary>
[Trait("Category", "Slow")]
public sealed class GpuExampleTests
{
    static readonly int s_steps = int.Parse(Environment.GetEnvironmentVariable("LSTM_CLUSTER_GPU_STEPS") ?? "10", CultureInfo.InvariantCulture);

    [Fact]
    public async Task The_main_example_follows_the_loss_of_the_processor_on_a_GPU()
    {
        Gpu.Require();
        using var workspace = new Workspace();

        var cpu = await TrainAsync(workspace, "cpu", "cpu,cpu");
        var gpu = await TrainAsync(workspace, "gpu", Gpu.Name);

        var (expected, found) = (Losses(cpu), Losses(gpu));
        found.Count.ShouldBe(s_steps);
        for (var step = 0; step < s_steps; step++) found[step].ShouldBe(expected[step], 1e-3, $"step {step + 1}");
        found[^1].ShouldBeLessThan(found[0]);
    }

    static async Task<CommandResult> TrainAsync(Workspace workspace, string run, string device)
    {
        var result = await workspace.RunAsync(
            "train", Path.Combine(Repository.Root, "examples", "moby-dick.yaml"), "--json", "--run", run, "--device", device,
            "--set", "model.layers=[lstm: { units: 64 }, lstm: { units: 64 }]", "--set", $"training.steps={s_steps}", "--set", "data.validation=0");
        result.ExitCode.ShouldBe(0, result.Errors);
        return result;
    }

    static List<double> Losses(CommandResult result) => [.. result.Events.Where(e => e.Text("event") == "step").Select(e => e.Number("train_loss"))];
}
