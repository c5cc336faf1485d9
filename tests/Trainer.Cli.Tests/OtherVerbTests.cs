
namespace Trainer.Cli.Tests;

public sealed class OtherVerbTests
{
    [Fact]
    public async Task Bench_step_measures_a_job_and_leaves_nothing_behind()
    {
        using var workspace = new Workspace();
        Directory.CreateDirectory(workspace["temporary"]);

        var result = await Command.RunAsync(
            workspace.Folder, ["bench", "step", "job.yaml", "--workers", "2", "--steps", "5", "--json"], ("TMPDIR", workspace["temporary"]));

        result.ExitCode.ShouldBe(0, result.Errors);
        var figures = result.Events.ShouldHaveSingleItem();
        figures.Whole("workers").ShouldBe(2);
        figures.Whole("parameters").ShouldBeGreaterThan(1000);
        figures.Number("ms_per_step").ShouldBeGreaterThan(0);
        figures.Number("tokens_per_second").ShouldBe(8 * 8 / (figures.Number("ms_per_step") / 1000), 1);
        figures.Number("allocated_bytes_per_step").ShouldBeGreaterThan(0);
        figures.Whole("peak_memory_bytes").ShouldBeGreaterThan(1 << 20);
        Directory.EnumerateFileSystemEntries(workspace["temporary"], "lstm-cluster*").ShouldBeEmpty();
        Directory.Exists(workspace["runs"]).ShouldBeFalse();
    }

    [Fact]
    public async Task Bench_step_shows_its_figures_to_a_person()
    {
        using var workspace = new Workspace();

        var result = await workspace.RunAsync("bench", "step", "job.yaml", "--steps", "2");

        result.ExitCode.ShouldBe(0, result.Errors);
        result.Output.ShouldContain("tokens/s");
    }

    [Fact]
    public async Task Devices_lists_the_processor_and_of_every_kind_of_GPU_each_one_or_why_there_is_none()
    {
        using var workspace = new Workspace();

        var json = (await workspace.RunAsync("devices", "--json")).Events;
        var text = await workspace.RunAsync("devices");

        json.Select(d => d.Text("device").Split(':')[0]).Distinct().ShouldBe(["cpu", "cuda", "opencl"]);
        json[0].Whole("cores").ShouldBe(Environment.ProcessorCount);
        json[0].Whole("vector_bits").ShouldBeGreaterThanOrEqualTo(128);
        foreach (var device in json.Skip(1))
        {
            if (device.GetProperty("available").GetBoolean())
            {
                device.Text("device").ShouldMatch("^(cuda|opencl):[0-9]+$");
                device.Text("model").ShouldNotBeEmpty();
                device.Text("driver").ShouldNotBeEmpty();
                device.Whole("compute_units").ShouldBeGreaterThan(0);
                device.Whole("memory_bytes").ShouldBeGreaterThan(0);
            }
            else
            {
                device.Text("device").ShouldNotContain(":");
                device.Text("reason").ShouldNotBeEmpty();
            }
        }

        text.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]).ShouldBe(json.Select(d => d.Text("device")));
    }

    [Fact]
    public async Task Data_get_prints_nothing_but_the_path()
    {
        using var workspace = new Workspace();

        (await workspace.RunAsync("data", "get", "text.txt")).Output.ShouldBe(workspace["text.txt"] + "\n");
        (await workspace.RunAsync("data", "get", "text.txt", "--json")).Last.Text("path").ShouldBe(workspace["text.txt"]);
    }

    [Theory]
    [InlineData("train")]
    [InlineData("eval")]
    [InlineData("generate")]
    [InlineData("predict")]
    [InlineData("data get")]
    [InlineData("devices")]
    [InlineData("bench step")]
    [InlineData("bench lstm")]
    public async Task Help_of_every_verb_has_an_example(string verb)
    {
        using var workspace = new Workspace();

        var result = await workspace.RunAsync([.. verb.Split(' '), "--help"]);

        result.ExitCode.ShouldBe(0);
        result.Output.ShouldContain($"Examples:\n  lstm-cluster {verb}");
    }

    [Fact]
    public async Task Version_is_a_number()
    {
        using var workspace = new Workspace();

        Version.TryParse((await workspace.RunAsync("--version")).Output.Trim(), out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Without_a_terminal_training_tells_its_course_in_plain_lines()
    {
        using var workspace = new Workspace();

        var result = await workspace.RunAsync("train", "job.yaml", "--set", "training.steps=20");

        result.ExitCode.ShouldBe(0);
        result.Errors.ShouldBeEmpty();
        result.Output.ShouldNotContain("\e");
        result.Output.ShouldContain("step 20/20");
        result.Output.ShouldContain("validation after step 20: loss");
        result.Output.ShouldContain("checkpoint after step 20");
        result.Output.TrimEnd().ShouldEndWith("lstm-cluster generate runs/small");
    }
}
