using System.CommandLine;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using LstmCluster.Cli.Display;
using LstmCluster.Compute.Cpu;
using LstmCluster.Compute.Gpu;

namespace LstmCluster.Cli.Verbs;

/// <summary><c>devices</c>: what workers can compute on here.</summary>
static class DevicesVerb
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var json = Arguments.Json();
        var verb = new Verb("devices", "List what can be computed on here, and why other kinds are not there", "devices") { json };
        verb.SetAction(parsed => Show(parsed.GetValue(json)));
        return verb;
    }

    static int Show(bool json)
    {
        ShowProcessor(json);
        var failed = false;
        foreach (var kind in GpuDevices.Kinds)
        {
            try
            {
                if (kind.Absence is { } reason) ShowAbsent(kind.Name, reason, json);
                else
                    foreach (var device in kind.Describe())
                        Show(device, json);
            }
            catch (GpuException failure)
            {
                failed = true;
                ShowAbsent(kind.Name, failure.Message, json);
            }
        }

        return failed ? ExitCode.Failed : ExitCode.Done;
    }

    static void ShowProcessor(bool json)
    {
        using var cpu = CpuDevice.Create();
        var (cores, bits, memory) = (Environment.ProcessorCount, 32 * cpu.VectorWidth, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        if (json)
            Json.Write(new { Device = cpu.Name, Available = true, Cores = cores, InstructionSet = InstructionSet, VectorBits = bits, MemoryBytes = memory });
        else
            Write(cpu.Name, $"{cores} {(cores == 1 ? "core" : "cores")}, {InstructionSet} ({bits}-bit vectors), {Numbers.Bytes(memory)} of memory");
    }

    static void Show(GpuDescription device, bool json)
    {
        if (json)
            Json.Write(new { Device = device.Name, Available = true, device.Model, device.ComputeUnits, device.MemoryBytes, device.Driver });
        else
            Write(
                device.Name,
                $"{device.Model}, {device.ComputeUnits} compute {(device.ComputeUnits == 1 ? "unit" : "units")}, {Numbers.Bytes(device.MemoryBytes)} of memory, {device.Driver}");
    }

    static void ShowAbsent(string kind, string reason, bool json)
    {
        if (json) Json.Write(new { Device = kind, Available = false, Reason = reason });
        else Write(kind, reason);
    }

    static void Write(string name, string text) => Console.Out.WriteLine($"{name,-9} {text}");

    static string InstructionSet =>
        Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : AdvSimd.IsSupported ? "NEON" : Sse2.IsSupported ? "SSE2" : "no vector instructions";
}
