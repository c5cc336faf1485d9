namespace LstmCluster.Compute;

/// <summary>Whole numbers on a device that grow to the largest batch seen and stay, so that a steady state allocates nothing.</summary>
sealed class GrowingIndices(IDevice device) : IDisposable
{
    /// <summary>At least as many as were reserved.</summary>
    public DeviceIndices Value { get; private set; } = device.AllocateIndices(0);

    /// <summary>Makes room. Growing loses the content.</summary>
    public void Reserve(int length)
    {
        if (Value.Length >= length) return;
        Value.Dispose();
        Value = device.AllocateIndices(length);
    }

    public void Dispose() => Value.Dispose();
}
