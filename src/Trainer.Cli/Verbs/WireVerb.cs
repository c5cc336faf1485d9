using System.CommandLine;
using LstmCluster.Cli.Bench;

namespace LstmCluster.Cli.Verbs;

/// <summary><c>bench wire</c>: the network between two processes beside plain sockets.</summary>
static class WireVerb
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var payload = Arguments.Number("--payload", "Bytes of a tensor", 1, 1 << 30, 4 << 20);
        var payloads = Arguments.Number("--payloads", "Tensors of a round", 1, 1_000_000, 64);
        var messages = Arguments.Number("--messages", "Round trips of a round", 1, 1_000_000, 4000);
        var rounds = Arguments.Number("--rounds", "Rounds, of each of which both have one turn", 1, 1000, 11);
        var warmUp = Arguments.Number("--warm-up", "Rounds before those that count", 0, 1000, 4);
        var json = Arguments.Json();
        var far = new Option<string?>("--far-side") { Description = "Be the other process", Hidden = true };
        var wire = new Verb(
            "wire", "Measure tensors and small messages between two processes over loopback, with TLS and without, beside plain blocking sockets in the same run: medians over rounds by turns",
            "bench wire", "bench wire --payload 67108864 --payloads 8 --json")
        {
            payload, payloads, messages, rounds, warmUp, json, far,
        };
        wire.SetAction(parsed => parsed.GetValue(far) is { } security
            ? WireFarSide.ServeAsync(security)
            : RunAsync(
                new WireLoad(parsed.GetValue(payload), parsed.GetValue(payloads), parsed.GetValue(messages), parsed.GetValue(rounds), parsed.GetValue(warmUp)),
                parsed.GetValue(json)));
        return wire;
    }

    static async Task<int> RunAsync(WireLoad load, bool json)
    {
        using var interruption = new Interruption();
        if (!json) Console.Out.WriteLine(WireFigures.Heads);
        try
        {
            await WireBenchmark.RunAsync(load, figures => Show(figures, json), interruption.Token).ConfigureAwait(false);
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (interruption.ExitCode != ExitCode.Done)
        {
            return interruption.ExitCode;
        }
    }

    static void Show(WireFigures figures, bool json)
    {
        if (json) Json.Write(figures);
        else Console.Out.WriteLine(figures.Row());
    }
}
