using System.Globalization;

namespace LstmCluster.Cli.Bench;

/// <summary>One line of <c>bench wire</c>: nodes beside a plain stream, medians over the rounds.</summary>
/// <param name="What"><c>throughput</c> or <c>round_trip</c>.</param>
/// <param name="Transport">What the nodes had between them: <c>tcp</c>, <c>tls</c>, or <c>local</c>, a socket within the machine. The plain stream has TLS where they do, and TCP otherwise.</param>
/// <param name="Bytes">Size of a tensor or a message.</param>
/// <param name="Unit"><c>GB/s</c> or <c>us</c>.</param>
/// <param name="Plain">The plain stream's figure.</param>
/// <param name="Nodes">The nodes' figure.</param>
/// <param name="Ratio">The median of the rounds' ratios: nodes by plain stream.</param>
/// <param name="Rounds">Rounds.</param>
sealed record WireFigures(string What, string Transport, int Bytes, string Unit, double Plain, double Nodes, double Ratio, int Rounds)
{
    /// <summary>What the heads of <see cref="Row"/> are.</summary>
    public const string Heads = "            what transport       bytes  unit   plain socket       nodes     ratio";

    /// <summary>Figures of rounds that were measured by turns.</summary>
    public static WireFigures Of(string what, string transport, int bytes, string unit, IReadOnlyList<(double Plain, double Nodes)> rounds) => new(
        what, transport, bytes, unit, Median(rounds.Select(r => r.Plain)), Median(rounds.Select(r => r.Nodes)), Median(rounds.Select(r => r.Nodes / r.Plain)), rounds.Count);

    /// <summary>The middle one of some figures.</summary>
    public static double Median(IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>A line of the table for people.</summary>
    public string Row() => string.Create(
        CultureInfo.InvariantCulture, $"{What.Replace('_', ' '),16}{Transport,10}{Bytes,12}{Unit,6}{Plain,15:F3}{Nodes,12:F3}{Ratio,10:F3}");
}
