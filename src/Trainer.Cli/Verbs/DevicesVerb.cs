using System.CommandLine;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using LstmCluster.Cli.Display;
using LstmCluster.Compute.Cpu;

namespace LstmCluster.Cli.Verbs;

/// <summary><c>devices</c>: what workers can compute on here.</summary>
static class DevicesVerb
{
    static readonly string[] s_absent = ["cuda", "opencl"];

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var json = Arguments.Json();
        var verb = new Verb("devices", "List what can be computed on here", "devices") { json };
        verb.SetAction(parsed => Show(parsed.GetValue(json)));
        return verb;
    }

    static int Show(bool json)
    {
        using var cpu = CpuDevice.Create();
        var (cores, bits, memory) = (Environment.ProcessorCount, 32 * cpu.VectorWidth, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        if (json)
        {
            Json.Write(new { Device = cpu.Name, Available = true, Cores = cores, InstructionSet = InstructionSet, VectorBits = bits, MemoryBytes = memory });
            foreach (var name in s_absent) Json.Write(new { Device = name, Available = false, Reason = DeviceSelection.Absent });
            return ExitCode.Done;
        }

        Console.Out.WriteLine($"cpu      {cores} {(cores == 1 ? "core" : "cores")}, {InstructionSet} ({bits}-bit vectors), {Numbers.Bytes(memory)} of memory");
        foreach (var name in s_absent) Console.Out.WriteLine($"{name,-8} {DeviceSelection.Absent}");
        return ExitCode.Done;
    }

    static string InstructionSet =>
        Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : AdvSimd.IsSupported ? "NEON" : Sse2.IsSupported ? "SSE2" : "no vector instructions";
}
