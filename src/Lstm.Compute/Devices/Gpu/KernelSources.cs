using System.Collections.Concurrent;
using System.Text;

namespace LstmCluster.Compute.Gpu;

/// <summary>What kernels in OpenCL C are compiled for. In single precision the bits are the same in all of them.</summary>
enum KernelForm
{
    /// <summary>A processor: small blocks, nothing read ahead.</summary>
    Processor,

    /// <summary>A GPU: blocks are read ahead, and large products have large tiles.</summary>
    Gpu,

    /// <summary>As for CUDA, with tensor cores in software: for tests of that code on any device.</summary>
    EmulatedTensorCores,
}

/// <summary>The kernel files, which are resources of the assembly.</summary>
static class KernelSources
{
    /// <summary>What stands before every file.</summary>
    static readonly string[] s_headers = ["common", "transcendental", "philox", "norm_row", "positions", "tile", "lstm_cell"];

    static readonly ConcurrentDictionary<string, bool> s_products = [];

    /// <summary>The files with kernels, without their extension.</summary>
    public static IReadOnlyList<string> Families { get; } =
        ["vectors", "sums", "linear", "linear_wide", "tokens", "losses", "pooling", "norm", "optimizers", "attention", "lstm_plain", "lstm_sequence", "lstm", "recurrent"];

    /// <summary>True for a file whose kernels multiply matrices, with what <c>tile.cl</c> has for it: there is a family of it for every precision.</summary>
    public static bool HasProducts(string family) => s_products.GetOrAdd(family, static file => Read(file).Contains("_PRODUCT", StringComparison.Ordinal));

    /// <summary>A file's family for a precision, such as <c>linear.bf16</c>.</summary>
    public static string FamilyOf(string file, ComputePrecision precision) =>
        precision == ComputePrecision.Fp32 ? file : $"{file}.{precision.ToString().ToLowerInvariant()}";

    /// <summary>The OpenCL C of a family.</summary>
    public static string Of(string family, KernelForm form)
    {
        var parts = family.Split('.');
        var definitions = form switch
        {
            KernelForm.Gpu => "#define FOR_GPU\n",
            KernelForm.EmulatedTensorCores => "#define FOR_GPU\n#define EMULATED_TENSOR_CORES\n",
            _ => "",
        };
        if (parts.Length > 1) definitions += $"#define {parts[1].ToUpperInvariant()}\n";
        return definitions + string.Concat(s_headers.Append(parts[0]).Select(Read));
    }

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
