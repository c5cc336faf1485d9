using System.Text;

namespace LstmCluster.Compute.Gpu;

/// <summary>The kernel files, which are resources of the assembly.</summary>
static class KernelSources
{
    /// <summary>What stands before every file.</summary>
    static readonly string[] s_headers = ["common", "transcendental", "philox", "norm_row", "tile", "lstm_cell"];

    /// <summary>The files with kernels, without their extension.</summary>
    public static IReadOnlyList<string> Families { get; } =
        ["vectors", "sums", "linear", "tokens", "losses", "pooling", "norm", "optimizers", "attention", "lstm_plain", "lstm_sequence", "lstm", "recurrent"];

    /// <summary>The OpenCL C of a family.</summary>
    public static string Of(string family) => string.Concat(s_headers.Append(family).Select(Read));

    /// <summary>The PTX of a family, which <c>Kernels/build-ptx.sh</c> made of it.</summary>
    public static string Ptx(string family) => Text($"{family}.ptx");

    static string Text(string name)
    {
        using var stream = typeof(KernelSources).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the assembly has no resource {name}");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    static string Read(string file) => Text($"{file}.cl");
}
