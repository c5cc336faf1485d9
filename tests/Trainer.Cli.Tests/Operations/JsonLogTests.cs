using System.Runtime.Versioning;
using System.Text.Json;

namespace Trainer.Cli.Tests.Operations;

/// <summary><c>--log-format json</c>: standard error of real processes, line by line.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class JsonLogTests : IDisposable
{
    readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_run_and_its_worker_log_what_happens_and_show_a_person_the_same_as_ever()
    {
        await using var coordinator = Command.Start(
            _workspace.Folder, ["train", "job.yaml", "--run", "logged", "--listen", "127.0.0.1:0", "--workers", "0", "--log-format", "json", "--set", "training.steps=30"]);
        var address = (await coordinator.WaitForLineAsync(line => line.StartsWith("listening on ", StringComparison.Ordinal)))["listening on ".Length..];
        await using var worker = Command.Start(_workspace.Folder, ["worker", "--coordinator", address, "--slots", "1", "--log-format", "json"]);

        var run = await coordinator.EndAsync();
        var work = await worker.EndAsync();

        run.ExitCode.ShouldBe(0, run.Errors);
        run.Output.ShouldContain("done: 30 steps");
        var log = Read(run.Errors);
        var joined = log.Single(line => line.Whole("EventId") == 30);
        joined.Text("LogLevel").ShouldBe("Information");
        joined.Text("Category").ShouldBe("LstmCluster.Training");
        joined.GetProperty("State").Whole("Workers").ShouldBe(1);
        joined.GetProperty("State").Text("Device").ShouldBe("cpu");
        DateTimeOffset.Parse(joined.Text("Timestamp"), System.Globalization.CultureInfo.InvariantCulture).Offset.ShouldBe(TimeSpan.Zero);
        log[^1].Whole("EventId").ShouldBe(40);
        log[^1].GetProperty("State").Text("WeightsSha256").Length.ShouldBe(64);
        work.Output.ShouldContain("the run is done");
        Read(work.Errors).ShouldContain(line => line.Text("Message").Contains("the run is done", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("train nowhere.yaml --log-format json", "nowhere.yaml")]
    [InlineData("train job.yaml --log-format json --wrokers 2", "--wrokers")]
    [InlineData("worker --log-format json", "--coordinator")]
    public async Task An_error_is_a_line_of_the_log(string arguments, string names)
    {
        var result = await Command.RunAsync(_workspace.Folder, arguments);

        result.ExitCode.ShouldBe(2);
        var line = Read(result.Errors).ShouldHaveSingleItem();
        line.Text("LogLevel").ShouldBe("Error");
        line.Text("Message").ShouldContain(names);
    }

    [Fact]
    public async Task Text_is_what_it_is_without_the_option()
    {
        var result = await _workspace.RunAsync("train", "job.yaml", "--log-format", "text", "--set", "training.steps=2");

        result.ExitCode.ShouldBe(0);
        result.Errors.ShouldBeEmpty();
    }

    static List<JsonElement> Read(string errors) => [.. errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Command.Parse)];
}
