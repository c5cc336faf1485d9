using System.Diagnostics;
using LstmCluster.Protocol;

namespace LstmCluster.Cli.Bench;

/// <summary>Nodes beside plain blocking sockets, over loopback between two processes, by turns.</summary>
static class WireBenchmark
{
    static readonly string[] s_transports = OperatingSystem.IsLinux() ? ["tcp", "tls", "local"] : ["tcp", "tls"];

    /// <summary>Measures.</summary>
    /// <param name="load">What is sent.</param>
    /// <param name="show">Gets each line as soon as it is there.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task RunAsync(WireLoad load, Action<WireFigures> show, CancellationToken cancellation)
    {
        var directory = Directory.CreateTempSubdirectory("lstm-cluster-bench-").FullName;
        try
        {
            var security = Path.Combine(directory, "security");
            SecurityFolder.Create(security, "bench", TimeSpan.FromDays(1), TimeProvider.System);
            using var certificate = WireFarSide.Certificate(security, withKey: false);
            using var far = await WireFarSide.StartAsync(security, cancellation).ConfigureAwait(false);
            foreach (var transport in s_transports)
            {
                var tls = transport == "tls";
                var offset = tls ? 1 : 0;
                using var plain = WireStream.Connect(transport == "local" ? far.Ports[^1] : far.Ports[offset], tls ? certificate : null);
                await using var node = await WireNode.ConnectAsync(far.Ports[2 + offset], transport == "local", tls ? ClusterSecurity.Load(security) : null, cancellation).ConfigureAwait(false);
                var gigabytes = load.Bytes / 1e9 * Stopwatch.Frequency;
                show(WireFigures.Of("throughput", transport, load.PayloadBytes, "GB/s", await RoundsAsync(
                    load, () => gigabytes / plain.Copy(load), async () => gigabytes / await node.CopyAsync(load, cancellation).ConfigureAwait(false)).ConfigureAwait(false)));
                show(WireFigures.Of("round_trip", transport, WireLoad.MessageBytes, "us", await RoundsAsync(
                    load, () => MedianMicroseconds(plain.Trips(load.Messages)),
                    async () => MedianMicroseconds(await node.TripsAsync(load.Messages, cancellation).ConfigureAwait(false))).ConfigureAwait(false)));
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Both by turns; every other round the nodes come first.</summary>
    static async Task<List<(double Plain, double Nodes)>> RoundsAsync(WireLoad load, Func<double> plain, Func<Task<double>> nodes)
    {
        var rounds = new List<(double Plain, double Nodes)>();
        for (var round = -load.WarmUpRounds; round < load.Rounds; round++)
        {
            double first = 0;
            if (round % 2 != 0) first = await nodes().ConfigureAwait(false);
            var beside = plain();
            if (round % 2 == 0) first = await nodes().ConfigureAwait(false);
            if (round >= 0) rounds.Add((beside, first));
        }

        return rounds;
    }

    /// <summary>Of the trips of a round: one that met something else on the processor does not count.</summary>
    static double MedianMicroseconds(long[] ticks) => WireFigures.Median(ticks.Select(t => t * 1e6 / Stopwatch.Frequency));
}
