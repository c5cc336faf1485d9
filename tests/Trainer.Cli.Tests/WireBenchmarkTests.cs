namespace Trainer.Cli.Tests;

public sealed class WireBenchmarkTests
{
    static readonly string[] s_transports = OperatingSystem.IsLinux() ? ["tcp", "tls", "local"] : ["tcp", "tls"];

    [Fact]
    public async Task Tensors_and_messages_are_shown_beside_plain_sockets_for_each_transport()
    {
        var result = await Command.RunAsync(
            Path.GetTempPath(), "bench wire --payload 100000 --payloads 6 --messages 20 --rounds 3 --warm-up 1 --json");

        result.ExitCode.ShouldBe(0, result.Errors);
        result.Events.Select(line => (line.Text("what"), line.Text("transport"), line.Text("unit"), line.Whole("bytes"))).ShouldBe(
            s_transports.SelectMany(transport => new[] { ("throughput", transport, "GB/s", 100_000L), ("round_trip", transport, "us", 64L) }));
        foreach (var line in result.Events)
        {
            line.Number("plain").ShouldBeGreaterThan(0);
            line.Number("nodes").ShouldBeGreaterThan(0);
            line.Number("ratio").ShouldBeGreaterThan(0);
            line.Whole("rounds").ShouldBe(3);
        }
    }

    [Fact]
    public async Task A_table_has_a_line_for_each()
    {
        var result = await Command.RunAsync(Path.GetTempPath(), "bench wire --payload 1 --payloads 1 --messages 1 --rounds 2 --warm-up 0");

        result.ExitCode.ShouldBe(0, result.Errors);
        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(1 + (2 * s_transports.Length));
        lines[0].ShouldContain("plain socket");
        lines[^1].ShouldContain("round trip");
    }
}
