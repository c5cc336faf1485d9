using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>Weight vectors on the devices of a process. The first device gets one from the host; others get it from there, where there is a way between them.</summary>
/// <remarks>May be called by several threads at once.</remarks>
public sealed class WeightImports
{
    readonly Lock _lock = new();
    readonly List<(Payload<float> Weights, DeviceBuffer Copy)> _copies = [];

    /// <summary>Makes a vector usable on a device.</summary>
    /// <param name="weights">The vector, which must outlive the result.</param>
    /// <param name="device">The device.</param>
    /// <returns>To be given to <see cref="Free"/>.</returns>
    public DeviceBuffer Import(Payload<float> weights, IDeviceMemory device)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(device);
        if (device.ComputesInHostMemory) return device.Import(weights.Memory);
        lock (_lock)
        {
            var there = _copies.Find(candidate => ReferenceEquals(candidate.Weights, weights)).Copy;
            if (there is null) return Added(device.Import(weights.Memory));
            if (device.ImportFrom(there) is { } copy) return Added(copy);
        }

        // Uploads to devices that do not reach each other go on side by side.
        return device.Import(weights.Memory);

        DeviceBuffer Added(DeviceBuffer copy)
        {
            _copies.Add((weights, copy));
            return copy;
        }
    }

    /// <summary>Frees what <see cref="Import"/> made; nobody copies from it any more.</summary>
    public void Free(DeviceBuffer imported)
    {
        ArgumentNullException.ThrowIfNull(imported);
        lock (_lock) _copies.RemoveAll(candidate => ReferenceEquals(candidate.Copy, imported));
        imported.Dispose();
    }
}
