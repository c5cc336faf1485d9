using System.Globalization;
using System.Text.Json.Serialization;

namespace LstmCluster.Cli.Bench;

/// <summary>What <c>bench lstm</c> found out about one extent.</summary>
/// <param name="T">Time steps.</param>
/// <param name="N">Batch rows.</param>
/// <param name="D">Input features.</param>
/// <param name="H">Units.</param>
/// <param name="Variant">What the layer is.</param>
/// <param name="Slots">Threads that each computed it at the same time.</param>
/// <param name="ForwardMs">Median of a slot's forward pass.</param>
/// <param name="BackwardMs">Median of a slot's full backward pass; null when forward alone was measured.</param>
/// <param name="Gflops">10^9 floating-point operations a second of all slots together.</param>
/// <param name="PeakGflops">The same of the machine's multiply-adds on as many threads.</param>
/// <param name="Fraction">The one divided by the other.</param>
/// <param name="AllocatedBytes">The most managed memory that one forward and backward pass took.</param>
/// <param name="ActivationBytes">Memory that a slot's layer reserved for the batch: activations, states, gradients.</param>
/// <param name="WorkingBytes">Memory that a slot's kernels work in.</param>
sealed record LstmFigures(
    [property: JsonPropertyName("T")] int T,
    [property: JsonPropertyName("N")] int N,
    [property: JsonPropertyName("D")] int D,
    [property: JsonPropertyName("H")] int H,
    string Variant, int Slots, double ForwardMs, double? BackwardMs, double Gflops, double PeakGflops, double Fraction, long AllocatedBytes,
    long ActivationBytes, long WorkingBytes)
{
    /// <summary>What the heads of <see cref="Row"/> are.</summary>
    public const string Heads =
        "           T,N,D,H            variant  slots   forward ms  backward ms    GFLOP/s       peak  fraction  allocated  activations MB  working MB  read GB/s       peak";

    /// <summary>When streaming: 10^9 bytes of U a second, read once a time step.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ReadGbps { get; init; }

    /// <summary>When streaming: the machine's own, over memory of U's size.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PeakReadGbps { get; init; }

    /// <summary>A line of the table for people.</summary>
    public string Row() => string.Create(
        CultureInfo.InvariantCulture,
        $"{new LstmExtent(T, N, D, H),18}{Variant,19}{Slots,7}{ForwardMs,13:F3}{Optional(BackwardMs, "F3"),13}{Gflops,11:F1}{PeakGflops,11:F1}{Fraction,10:F3}{AllocatedBytes,11}{ActivationBytes / 1e6,16:F2}{WorkingBytes / 1e6,12:F2}{Optional(ReadGbps, "F1"),11}{Optional(PeakReadGbps, "F1"),11}").TrimEnd();

    static string Optional(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
