using LstmCluster.Compute;
using LstmCluster.Compute.Gpu;
using LstmCluster.Protocol;

namespace LstmCluster.Cli.Verbs;

/// <summary>From <c>--device</c> and <c>--workers</c> to one device for each worker.</summary>
static class DeviceSelection
{
    /// <summary>The largest number of workers; more threads than that help nobody.</summary>
    public const int MostWorkers = 1024;

    /// <summary>The devices asked for.</summary>
    /// <param name="devices">Names, separated by commas.</param>
    /// <param name="workers">Number of workers; null when not given: one for each core of the processor, one for a GPU.</param>
    /// <param name="option">The option that gives the number of workers.</param>
    /// <exception cref="UserErrorException">A device is unknown or not there, or both arguments say how many workers there are.</exception>
    public static IReadOnlyList<Func<IDevice>> Choose(string devices, int? workers, string option = "--workers")
    {
        var names = devices.Split(',', StringSplitOptions.TrimEntries);
        foreach (var name in names) Require(name);
        if (names.Length > 1 && workers is not null)
            throw new UserErrorException($"{option} {workers}: --device {devices} already makes {names.Length} workers, give one of the two");
        if (names.Length == 1) names = [.. Enumerable.Repeat(names[0], workers ?? (names[0] == ComputeDevices.Cpu ? Environment.ProcessorCount : 1))];
        return [.. names.Select(Opening)];
    }

    /// <summary>The one device asked for.</summary>
    /// <param name="device">Its name.</param>
    /// <exception cref="UserErrorException">It is unknown or not there, or several are named.</exception>
    public static Func<IDevice> One(string device)
    {
        if (device.Contains(',', StringComparison.Ordinal)) throw new UserErrorException($"--device {device}: expected one device, such as {ComputeDevices.Cpu}");
        Require(device);
        return Opening(device);
    }

    /// <summary>The one device asked for, and how many threads compute on it.</summary>
    /// <param name="device">Its name.</param>
    /// <param name="workers">Threads; null when not given: one for each core of the processor, one for a GPU.</param>
    /// <param name="open">Opens the device.</param>
    /// <exception cref="UserErrorException">It is unknown or not there, several are named, or several threads are to share a GPU.</exception>
    public static int OneWith(string device, int? workers, out Func<IDevice> open)
    {
        open = One(device);
        if (device == ComputeDevices.Cpu) return workers ?? Environment.ProcessorCount;
        return workers is null or 1 ? 1 : throw new UserErrorException($"--workers {workers}: expected 1 with --device {device}, which one thread keeps busy");
    }

    /// <summary>The processor, for what is done in the host's memory.</summary>
    /// <param name="device">Its name.</param>
    /// <exception cref="UserErrorException">It is another device, or none.</exception>
    public static Func<IDevice> Processor(string device) => device == ComputeDevices.Cpu || device.Contains(',', StringComparison.Ordinal)
        ? One(device)
        : throw new UserErrorException($"--device {device}: weights are kept and updated in the host's memory; there is: {ComputeDevices.Cpu}");

    static Func<IDevice> Opening(string name) => () => ComputeDevices.Open(name);

    static void Require(string name)
    {
        if (name == ComputeDevices.Cpu) return;
        if (!ComputeDevices.Names.Contains(name))
            throw new UserErrorException($"--device {name}: {ComputeDevices.AbsenceOf(name) ?? "there is no such device"}; there is: {string.Join(", ", ComputeDevices.Names)}");
        try
        {
            // A driver that fails, or lacks what the kernels need, is found before anything else is done.
            ComputeDevices.Open(name).Dispose();
        }
        catch (GpuException failure)
        {
            throw new UserErrorException($"--device {name}: it cannot be used: {failure.Message}", failure);
        }
    }
}
