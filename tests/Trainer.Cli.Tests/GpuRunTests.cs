namespace Trainer.Cli.Tests;

/// <summary>Runs on a GPU.</summary>
public sealed class GpuRunTests
{
    const int Steps = 12;

    [Fact]
    public async Task On_a_GPU_the_weights_have_the_same_bits_for_any_number_of_workers()
    {
        Gpu.Require();
        using var workspace = new Workspace();
        var hashes = new List<string>();
        foreach (var workers in new[] { 1, 2, 3 })
            hashes.Add((await TrainAsync(workspace, $"run-{workers}", "--device", Gpu.Name, "--workers", $"{workers}")).Hash);
        hashes.Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task On_a_GPU_a_run_that_is_killed_and_resumed_ends_with_the_weights_of_an_undisturbed_one()
    {
        Gpu.Require();
        using var workspace = new Workspace();
        await using (var running = workspace.Start(
            "--run", "killed", "--device", Gpu.Name, "--set", "training.steps=1000000", "--set", "training.checkpoint.every=3 steps"))
        {
            await running.WaitForAsync(e => e.Text("event") == "checkpoint" && e.Whole("step") > 0);
            running.Kill();
            (await running.EndAsync()).ExitCode.ShouldBe(137);
        }

        var begun = Directory.GetDirectories(workspace["killed/checkpoints"], "step-*").Max(path => long.Parse(Path.GetFileName(path)["step-".Length..]));
        var steps = $"training.steps={begun + 5}";
        var resumed = await workspace.TrainAsync("--run", "killed", "--resume", "--device", Gpu.Name, "--set", steps);
        var undisturbed = await workspace.TrainAsync("--run", "undisturbed", "--device", Gpu.Name, "--set", steps);

        resumed.Events.Single(e => e.Text("event") == "started").Whole("step").ShouldBeGreaterThan(0, "it must go on, not begin anew");
        resumed.Hash.ShouldBe(undisturbed.Hash);
        resumed.Events.ShouldNotContain(e => e.Text("event") == "notice");
    }

    [Fact]
    public async Task A_GPU_follows_the_loss_of_the_processor()
    {
        Gpu.Require();
        using var workspace = new Workspace();
        var cpu = await TrainAsync(workspace, "cpu", "--workers", "1");
        var gpu = await TrainAsync(workspace, "gpu", "--device", Gpu.Name);

        gpu.ExitCode.ShouldBe(0, gpu.Errors);
        var (expected, found) = (Losses(cpu), Losses(gpu));
        found.Count.ShouldBe(Steps);
        for (var step = 0; step < Steps; step++) found[step].ShouldBe(expected[step], 1e-3, $"step {step + 1}");
        gpu.Last.Number("validation_loss").ShouldBe(cpu.Last.Number("validation_loss"), 1e-3);
    }

    [Fact]
    public async Task Workers_on_different_types_of_device_train_together_and_the_run_says_so()
    {
        Gpu.Require();
        using var workspace = new Workspace();

        var result = await TrainAsync(workspace, "mixed", "--device", $"cpu,{Gpu.Name}");

        result.ExitCode.ShouldBe(0, result.Errors);
        result.Events.Where(e => e.Text("event") == "worker_joined").Select(e => e.Text("device")).Order().ShouldBe(["cpu", Gpu.Name]);
        var before = result.Events.TakeWhile(e => e.Text("event") != "step");
        before.Single(e => e.Text("event") == "notice").Text("message").ShouldStartWith("workers compute on different types of device, cpu and opencl ");
        File.ReadAllText(workspace["mixed/metrics.jsonl"]).ShouldContain("workers compute on different types of device");
    }

    [Fact]
    public async Task A_run_that_goes_on_on_another_type_of_device_says_so()
    {
        Gpu.Require();
        using var workspace = new Workspace();
        await TrainAsync(workspace, "run", "--workers", "1");

        var resumed = await workspace.TrainAsync("--run", "run", "--resume", "--device", Gpu.Name, "--set", $"training.steps={Steps + 2}");

        resumed.ExitCode.ShouldBe(0, resumed.Errors);
        resumed.Events.Single(e => e.Text("event") == "notice").Text("message").ShouldStartWith("the run was computed on cpu until now and goes on on opencl ");
    }

    [Fact]
    public async Task A_GPU_without_memory_for_the_batch_ends_the_run_with_what_to_lower_and_keeps_the_checkpoint()
    {
        Gpu.Require();
        using var workspace = new Workspace();
        workspace.Write("text.txt", Workspace.Text(500_000));

        // More than the device may have, in one block: activations of a layer over so many tokens.
        var result = await Command.RunAsync(
            workspace.Folder,
            ["train", "job.yaml", "--json", "--run", "run", "--device", Gpu.Name, "--set", "training.batch=256", "--set", "training.length=256", "--set", "model.layers=[lstm: { units: 1024 }]"],
            ("POCL_MEMORY_LIMIT", "1"));

        result.ExitCode.ShouldBe(1);
        var line = result.ErrorLines.ShouldHaveSingleItem();
        line.ShouldContain($"{Gpu.Name}: no memory for");
        line.ShouldContain("lower training.batch or training.length");
        line.ShouldContain("the last good checkpoint is run/checkpoints/step-00000000");
        Directory.Exists(workspace["run/checkpoints/step-00000000"]).ShouldBeTrue();
    }

    [Fact]
    public async Task The_result_is_evaluated_and_continued_on_a_GPU()
    {
        Gpu.Require();
        using var workspace = new Workspace();
        var trained = await TrainAsync(workspace, "run", "--workers", "1");

        var evaluated = await workspace.RunAsync("eval", "run", "--device", Gpu.Name, "--json");
        var written = await workspace.RunAsync("generate", "run", "--device", Gpu.Name, "--length", "20");

        evaluated.ExitCode.ShouldBe(0, evaluated.Errors);
        evaluated.Last.Number("validation_loss").ShouldBe(trained.Last.Number("validation_loss"), 1e-3);
        written.ExitCode.ShouldBe(0, written.Errors);
        written.Output.Length.ShouldBe(20);
    }

    [Fact]
    public async Task A_layer_is_measured_on_a_GPU_and_compared_with_the_processor()
    {
        Gpu.Require();
        using var workspace = new Workspace();

        var result = await workspace.RunAsync("bench", "lstm", "3,2,5,7", "--device", Gpu.Name, "--check", "--seconds", "0.02", "--json");

        result.ExitCode.ShouldBe(0, result.Errors);
        var figures = result.Events.ShouldHaveSingleItem();
        figures.Text("device").ShouldBe(Gpu.Name);
        figures.Text("precision").ShouldBe("fp32");
        figures.Number("error").ShouldBeLessThan(1e-5);
        figures.Number("gflops").ShouldBe(6 * 3 * 2 * (5 + 7) * 4 * 7 / (figures.Number("forward_backward_ms") * 1e6), 1e-9);
        figures.Number("forward_us_per_step").ShouldBe(figures.Number("forward_ms") * 1000 / 3, 1e-9);
        figures.Whole("forward_backward_launches").ShouldBeGreaterThan(figures.Whole("forward_launches"));
    }

    [Fact]
    public async Task The_kernels_that_a_step_launches_are_counted()
    {
        Gpu.Require();
        using var workspace = new Workspace();

        var result = await workspace.RunAsync("bench", "step", "job.yaml", "--device", Gpu.Name, "--steps", "2", "--json");

        result.ExitCode.ShouldBe(0, result.Errors);
        result.Last.Number("launches_per_step").ShouldBeGreaterThan(0);
    }

    static Task<CommandResult> TrainAsync(Workspace workspace, string run, params string[] arguments) =>
        workspace.TrainAsync(["--run", run, "--set", $"training.steps={Steps}", .. arguments]);

    static List<double> Losses(CommandResult result) => [.. result.Events.Where(e => e.Text("event") == "step").Select(e => e.Number("train_loss"))];
}
