using System.CommandLine;
using LstmCluster.Cli.Bench;
using LstmCluster.Compute;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Cli.Verbs;

/// <summary>The options of <c>bench lstm</c> that choose a GPU.</summary>
sealed class GpuLstmOptions
{
    readonly Option<string> _device = TrainOptions.OneDevice();
    readonly Option<string> _precision = new("--precision")
    {
        Description = "What operands of matrix products are rounded to: fp32, tf32, bf16",
        HelpName = "P",
        DefaultValueFactory = _ => "fp32",
    };

    readonly Option<bool> _check = new("--check") { Description = "On a GPU: compare output and gradients with the processor's" };

    /// <summary>Gives the verb the options.</summary>
    public void AddTo(Command verb)
    {
        foreach (var option in (Option[])[_device, _precision, _check]) verb.Add(option);
    }

    /// <summary>Reads the options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="slots">Threads that are asked for.</param>
    /// <returns>Null where the processor is measured.</returns>
    /// <exception cref="UserErrorException">The device is not there or cannot compute so, or an option makes no sense with it.</exception>
    public Measuring? Read(ParseResult parsed, int slots)
    {
        var (device, check) = (parsed.GetRequiredValue(_device), parsed.GetValue(_check));
        var precision = ReadPrecision(parsed.GetRequiredValue(_precision));
        var open = DeviceSelection.One(device);
        if (WorkerSlot.Refusal(precision, [open]) is { } refusal) throw new UserErrorException(refusal.Replace("training.precision:", "--precision:", StringComparison.Ordinal));
        if (device != ComputeDevices.Cpu)
            return slots == 1 ? new Measuring(open, precision, check) : throw new UserErrorException($"--slots {slots}: a GPU is measured with one layer at a time");
        return check ? throw new UserErrorException("--check compares a GPU with the processor, it needs --device cuda:0 or opencl:0") : null;
    }

    static ComputePrecision ReadPrecision(string word) => word switch
    {
        "fp32" => ComputePrecision.Fp32,
        "tf32" => ComputePrecision.Tf32,
        "bf16" => ComputePrecision.Bf16,
        _ => throw new UserErrorException($"--precision must be fp32, tf32 or bf16, got \"{word}\""),
    };

    /// <summary>Measures on a GPU.</summary>
    /// <param name="Open">Opens it.</param>
    /// <param name="Precision">What operands of matrix products are rounded to.</param>
    /// <param name="Check">Whether to compare with the processor.</param>
    public sealed record Measuring(Func<IDevice> Open, ComputePrecision Precision, bool Check)
    {
        /// <summary>Measures and shows one extent after the other.</summary>
        public void Run(IReadOnlyList<LstmExtent> extents, LayerVariant layer, int recomputeSteps, TimeSpan duration, bool json)
        {
            if (!json) Console.Out.WriteLine(GpuLstmFigures.Heads);
            foreach (var extent in extents)
            {
                var figures = new GpuLstmBenchmark(extent, layer, Open, Precision, recomputeSteps, duration).Run(Check);
                if (json) Json.Write(figures);
                else Console.Out.WriteLine(figures.Row());
            }
        }
    }
}
