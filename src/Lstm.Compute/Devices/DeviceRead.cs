namespace LstmCluster.Compute;

/// <summary>Numbers on their way from a device to the host: <see cref="IDeviceMemory.BeginRead"/>.</summary>
public abstract class DeviceRead
{
    /// <summary>Numbers that are there.</summary>
    public static DeviceRead Done { get; } = new Nothing();

    /// <summary>True when <see cref="Complete"/> would not wait.</summary>
    public abstract bool IsDone { get; }

    /// <summary>Waits until the numbers are there. This or <see cref="Abandon"/> is to be called, once.</summary>
    public abstract void Complete();

    /// <summary>Does without the numbers; nothing is written to the host any more when it returns. A device that has failed is passed over.</summary>
    public abstract void Abandon();

    sealed class Nothing : DeviceRead
    {
        public override bool IsDone => true;

        public override void Complete()
        {
        }

        public override void Abandon()
        {
        }
    }
}
