namespace LstmCluster.Compute.Gpu;

/// <summary>A kind of GPU: all that one driver interface gives.</summary>
public sealed class GpuKind
{
    readonly Func<int> _count;
    readonly Func<string?> _absence;
    readonly Func<IEnumerable<GpuDescription>> _describe;
    readonly Func<int, GpuDevice> _open;

    internal GpuKind(string name, Func<int> count, Func<string?> absence, Func<IEnumerable<GpuDescription>> describe, Func<int, GpuDevice> open) =>
        (Name, _count, _absence, _describe, _open) = (name, count, absence, describe, open);

    /// <summary>The part of its devices' names before the colon.</summary>
    public string Name { get; }

    /// <summary>Number of its devices.</summary>
    public int Count => _count();

    /// <summary>Why there is none, in one line; null when there is one.</summary>
    public string? Absence => _absence();

    /// <summary>Its devices.</summary>
    /// <exception cref="GpuException">The driver failed.</exception>
    public IEnumerable<GpuDescription> Describe() => _describe();

    /// <summary>Opens one of its devices.</summary>
    internal GpuDevice Open(int number) => _open(number);
}
