using System.Globalization;
using System.Text.Json.Serialization;

namespace LstmCluster.Cli.Bench;

/// <summary>What <c>bench lstm --device</c> found out about one extent on a GPU.</summary>
/// <param name="T">Time steps.</param>
/// <param name="N">Batch rows.</param>
/// <param name="D">Input features.</param>
/// <param name="H">Units.</param>
/// <param name="Variant">What the layer is.</param>
/// <param name="Device">Where.</param>
/// <param name="Precision">What operands of matrix products were rounded to.</param>
/// <param name="ForwardMs">Median of a forward pass of inference.</param>
/// <param name="ForwardBackwardMs">Median of a forward and full backward pass of training.</param>
/// <param name="Gflops">10^9 floating-point operations of the matrix products a second, of forward and backward.</param>
/// <param name="ForwardUsPerStep">Microseconds of the forward pass by time step.</param>
/// <param name="ForwardBackwardUsPerStep">The same of both.</param>
/// <param name="ForwardLaunches">Kernels launched by a forward pass.</param>
/// <param name="ForwardBackwardLaunches">The same of both.</param>
/// <param name="AllocatedBytes">Managed memory that one forward and backward pass took.</param>
sealed record GpuLstmFigures(
    [property: JsonPropertyName("T")] int T,
    [property: JsonPropertyName("N")] int N,
    [property: JsonPropertyName("D")] int D,
    [property: JsonPropertyName("H")] int H,
    string Variant, string Device, string Precision, double ForwardMs, double ForwardBackwardMs, double Gflops, double ForwardUsPerStep,
    double ForwardBackwardUsPerStep, long ForwardLaunches, long ForwardBackwardLaunches, long AllocatedBytes)
{
    /// <summary>What the heads of <see cref="Row"/> are.</summary>
    public const string Heads =
        "           T,N,D,H            variant     device  precision   forward ms  us/step  launches  forward+backward ms  us/step  launches    GFLOP/s  allocated     error";

    /// <summary>How far output and gradients are from the processor's, in parts of their norm; null when that was not looked at.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Error { get; init; }

    /// <summary>A line of the table for people.</summary>
    public string Row() => string.Create(
        CultureInfo.InvariantCulture,
        $"{new LstmExtent(T, N, D, H),18}{Variant,19}{Device,11}{Precision,11}{ForwardMs,13:F3}{ForwardUsPerStep,9:F1}{ForwardLaunches,10}{ForwardBackwardMs,21:F3}{ForwardBackwardUsPerStep,9:F1}{ForwardBackwardLaunches,10}{Gflops,11:F1}{AllocatedBytes,11}{(Error is { } error ? error.ToString("E1", CultureInfo.InvariantCulture) : "-"),10}");
}
