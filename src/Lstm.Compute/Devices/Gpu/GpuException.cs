namespace LstmCluster.Compute.Gpu;

/// <summary>A call to a GPU's driver failed.</summary>
/// <param name="message">Names the call, its code and the device.</param>
public class GpuException(string message) : Exception(message)
{
    /// <summary>A call that gave an error code.</summary>
    /// <param name="device">The device.</param>
    /// <param name="call">The driver's function.</param>
    /// <param name="code">What it gave.</param>
    /// <param name="meaning">The code's name.</param>
    public static GpuException Of(string device, string call, int code, string meaning) => new($"{device}: {call} gave {code} ({meaning})");
}

/// <summary>A GPU has no such memory left.</summary>
/// <param name="device">The device.</param>
/// <param name="bytes">What was asked for.</param>
/// <param name="heldBytes">What the process holds of it.</param>
public sealed class GpuMemoryException(string device, long bytes, long heldBytes)
    : GpuException(
        $"{device}: no memory for {bytes} bytes more, {heldBytes} are in use: lower training.batch or training.length, or let fewer workers share the device");
