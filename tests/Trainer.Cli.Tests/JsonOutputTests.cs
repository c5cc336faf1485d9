using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

namespace Trainer.Cli.Tests;

public sealed class JsonOutputTests
{
    [Fact]
    public async Task The_last_line_tells_the_result_and_the_hash_is_that_of_the_weights()
    {
        using var workspace = new Workspace();

        var result = await workspace.TrainAsync("--set", "training.steps=30");

        result.ExitCode.ShouldBe(0);
        result.Errors.ShouldBeEmpty();
        var finished = result.Last;
        finished.EnumerateObject().Select(p => p.Name).ShouldBe(
            ["event", "step", "train_loss", "validation_loss", "tokens_per_second", "seconds", "weights_sha256", "run"]);
        finished.Text("event").ShouldBe("finished");
        finished.Whole("step").ShouldBe(30);
        finished.Number("train_loss").ShouldBe(result.Events.Last(e => e.Text("event") == "step").Number("train_loss"));
        finished.Number("validation_loss").ShouldBe(result.Events.Last(e => e.Text("event") == "validation").Number("validation_loss"));
        finished.Number("tokens_per_second").ShouldBeGreaterThan(0);
        finished.Text("run").ShouldBe("runs/small");
        finished.Text("weights_sha256").ShouldBe(HashOfData(workspace["runs/small/weights.safetensors"]));
    }

    [Fact]
    public async Task Every_step_is_told_once_and_metrics_hold_the_same_events()
    {
        using var workspace = new Workspace();

        var result = await workspace.TrainAsync("--set", "training.steps=30");

        result.Events.Where(e => e.Text("event") == "step").Select(e => e.Whole("step")).ShouldBe(Enumerable.Range(1, 30).Select(i => (long)i));
        (await File.ReadAllTextAsync(workspace["runs/small/metrics.jsonl"])).ShouldBe(result.Output);
    }

    [Fact]
    public async Task Metrics_of_a_resumed_run_hold_every_step_once()
    {
        using var workspace = new Workspace();
        await workspace.TrainAsync("--set", "training.steps=20");
        await workspace.TrainAsync("--set", "training.steps=35", "--resume");

        var steps = (await File.ReadAllLinesAsync(workspace["runs/small/metrics.jsonl"])).Select(Command.Parse)
            .Where(e => e.Text("event") == "step").Select(e => e.Whole("step"));

        steps.ShouldBe(Enumerable.Range(1, 35).Select(i => (long)i));
    }

    [Fact]
    public async Task A_reader_that_stalls_neither_stops_training_nor_misses_anything()
    {
        using var workspace = new Workspace();
        await using var running = workspace.Start("--set", "training.steps=2000", "--set", "training.checkpoint.every=1h");
        await running.WaitForAsync(e => e.Text("event") == "step");
        await workspace.WaitForAsync("runs/small/weights.safetensors");

        var result = await running.EndAsync();

        result.ExitCode.ShouldBe(0, result.Errors);
        result.Events.Where(e => e.Text("event") == "step").Select(e => e.Whole("step")).ShouldBe(Enumerable.Range(1, 2000).Select(i => (long)i));
        result.Last.Text("event").ShouldBe("finished");
    }

    [Fact]
    public async Task Eval_agrees_with_the_validation_of_training()
    {
        using var workspace = new Workspace();
        var trained = await workspace.TrainAsync("--set", "training.steps=30");

        var json = (await workspace.RunAsync("eval", "runs/small", "--json")).Last;
        var text = await workspace.RunAsync("eval", "runs/small");

        var loss = trained.Last.Number("validation_loss");
        json.Number("validation_loss").ShouldBe(loss, 1e-6);
        json.Number("bits_per_token").ShouldBe(loss / Math.Log(2), 1e-5);
        json.Number("bits_per_character").ShouldBe(json.Number("bits_per_token"), "tokens are characters");
        json.Number("perplexity").ShouldBe(Math.Exp(loss), 1e-4);
        json.Whole("tokens").ShouldBe(trained.Events.Last(e => e.Text("event") == "validation").Whole("tokens"));
        text.ExitCode.ShouldBe(0);
        text.Output.ShouldContain(loss.ToString("F4", System.Globalization.CultureInfo.InvariantCulture));
        text.Output.ShouldContain("bits per character");
        text.Output.ShouldContain("  validation loss ");
        (await workspace.RunAsync("eval", "runs/small", "--part", "training")).Output.ShouldContain("  training loss ");
    }

    [Fact]
    public async Task Eval_without_held_out_data_says_which_key_decides()
    {
        using var workspace = new Workspace();
        var trained = await workspace.TrainAsync("--set", "training.steps=2", "--set", "data.validation=0");

        trained.Last.TryGetProperty("validation_loss", out _).ShouldBeFalse();
        var result = await workspace.RunAsync("eval", "runs/small");
        result.ExitCode.ShouldBe(2);
        result.ErrorLines.ShouldHaveSingleItem().ShouldContain("data.validation");
    }

    static string HashOfData(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var header = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        using var parsed = JsonDocument.Parse(bytes.AsMemory(8, header));
        parsed.RootElement.TryGetProperty("head.weight", out _).ShouldBeTrue();
        return Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(8 + header)));
    }
}
