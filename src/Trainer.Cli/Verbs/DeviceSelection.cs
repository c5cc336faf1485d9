using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Protocol;

namespace LstmCluster.Cli.Verbs;

/// <summary>From <c>--device</c> and <c>--workers</c> to one device for each worker.</summary>
static class DeviceSelection
{
    /// <summary>Why the other backends cannot be used.</summary>
    public const string Absent = "not in this version";

    /// <summary>The largest number of workers; more threads than that help nobody.</summary>
    public const int MostWorkers = 1024;

    /// <summary>The devices asked for.</summary>
    /// <param name="devices">Names, separated by commas.</param>
    /// <param name="workers">Number of workers; null when not given.</param>
    /// <param name="option">The option that gives the number of workers.</param>
    /// <exception cref="UserErrorException">A device is unknown or not there, or both arguments say how many workers there are.</exception>
    public static IReadOnlyList<Func<IDevice>> Choose(string devices, int? workers, string option = "--workers")
    {
        var names = devices.Split(',', StringSplitOptions.TrimEntries);
        foreach (var name in names) Require(name);
        if (names.Length > 1 && workers is not null)
            throw new UserErrorException($"{option} {workers}: --device {devices} already makes {names.Length} workers, give one of the two");
        var count = names.Length > 1 ? names.Length : workers ?? Environment.ProcessorCount;
        return [.. Enumerable.Repeat<Func<IDevice>>(CpuDevice.Create, count)];
    }

    /// <summary>The one device asked for.</summary>
    /// <param name="device">Its name.</param>
    /// <exception cref="UserErrorException">It is unknown or not there, or several are named.</exception>
    public static Func<IDevice> One(string device)
    {
        if (device.Contains(',', StringComparison.Ordinal)) throw new UserErrorException($"--device {device}: expected one device, such as cpu");
        Require(device);
        return CpuDevice.Create;
    }

    static void Require(string name)
    {
        if (name == "cpu") return;
        var kind = name.Split(':')[0];
        throw new UserErrorException(kind is "cuda" or "opencl"
            ? $"--device {name}: {kind} devices are {Absent}; there is: cpu"
            : $"--device {name}: there is no such device; there is: cpu");
    }
}
