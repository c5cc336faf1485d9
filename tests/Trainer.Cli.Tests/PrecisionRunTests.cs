namespace Trainer.Cli.Tests;

/// <summary>Runs whose products take rounded operands, on the processor and on a GPU.</summary>
public sealed class PrecisionRunTests
{
    const int Steps = 12;

    [Theory]
    [InlineData("tf32")]
    [InlineData("bf16")]
    public async Task On_the_processor_rounded_operands_give_the_same_bits_for_any_number_of_workers(string precision)
    {
        using var workspace = new Workspace();
        await SameBitsAsync(workspace, precision, "cpu");
    }

    [Theory]
    [InlineData("tf32")]
    [InlineData("bf16")]
    public async Task On_a_GPU_rounded_operands_give_the_same_bits_for_any_number_of_workers(string precision)
    {
        Gpu.Require();
        using var workspace = new Workspace();
        await SameBitsAsync(workspace, precision, Gpu.Name);
    }

    /// <summary>A number beside a tie may be rounded to the other side, which is as far as two types of device may part.</summary>
    [Theory]
    [InlineData("tf32", 2e-3)]
    [InlineData("bf16", 1e-2)]
    public async Task A_GPU_follows_the_loss_of_the_processor_in_its_precision(string precision, double tolerance)
    {
        Gpu.Require();
        using var workspace = new Workspace();
        var cpu = await TrainAsync(workspace, "cpu", precision, "--workers", "1");
        var gpu = await TrainAsync(workspace, "gpu", precision, "--device", Gpu.Name);

        var (expected, found) = (Losses(cpu), Losses(gpu));
        found.Count.ShouldBe(Steps);
        for (var step = 0; step < Steps; step++) found[step].ShouldBe(expected[step], tolerance, $"step {step + 1}");
    }

    static async Task SameBitsAsync(Workspace workspace, string precision, string device)
    {
        var results = new List<CommandResult>();
        foreach (var workers in new[] { "1", "2", "3" }) results.Add(await TrainAsync(workspace, $"run-{workers}", precision, "--device", device, "--workers", workers));
        results.Select(result => result.Hash).Distinct().ShouldHaveSingleItem();

        var single = await TrainAsync(workspace, "single", "fp32", "--device", device, "--workers", "1");
        single.Hash.ShouldNotBe(results[0].Hash, "operands are rounded");
        Losses(results[0])[^1].ShouldBe(Losses(single)[^1], 0.05);
    }

    static async Task<CommandResult> TrainAsync(Workspace workspace, string run, string precision, params string[] arguments)
    {
        var result = await workspace.TrainAsync(
            ["--run", run, "--set", $"training.steps={Steps}", "--set", $"training.precision={precision}", .. arguments]);
        result.ExitCode.ShouldBe(0, result.Errors);
        return result;
    }

    static List<double> Losses(CommandResult result) => [.. result.Events.Where(e => e.Text("event") == "step").Select(e => e.Number("train_loss"))];
}
