namespace LstmCluster.Compute;

/// <summary>Whole numbers on a device that grow to the largest batch seen and stay, so that a steady state allocates nothing.</summary>
sealed class GrowingIndices(IDeviceMemory device) : IDisposable
{
    DeviceIndices? _value;

    /// <summary>At least as many as were reserved.</summary>
    public DeviceIndices Value => _value ?? throw new InvalidOperationException("the run was given a batch before room was reserved for it");

    /// <summary>Makes room. Growing loses the content; when it fails there is no room at all until the next call.</summary>
    public void Reserve(int length)
    {
        if (_value is not null && _value.Length >= length) return;
        _value?.Dispose();
        _value = null;
        _value = device.AllocateIndices(length);
    }

    public void Dispose() => _value?.Dispose();
}
