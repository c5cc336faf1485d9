using System.Globalization;

namespace Cluster.Tests;

/// <summary>Where the processes of a cluster run and how they find each other.</summary>
abstract class Placement
{
    /// <summary>Where the coordinator listens.</summary>
    public abstract string Address { get; }

    /// <summary>What the coordinator's command has to begin with, and what it is told besides.</summary>
    public virtual (IReadOnlyList<string> Prefix, IReadOnlyList<string> Arguments) Coordinator => ([], []);

    /// <summary>The same for a worker.</summary>
    public virtual (IReadOnlyList<string> Prefix, IReadOnlyList<string> Arguments) Worker(int worker) => ([], ["--coordinator", Address]);
}

/// <summary>All on this machine, over loopback.</summary>
sealed class OnLoopback : Placement
{
    /// <inheritdoc/>
    public override string Address { get; } = $"127.0.0.1:{FreePorts.Pick(1)[0]}";
}

/// <summary>All on this machine, found through a registry: any number of coordinators, of which one leads.</summary>
/// <param name="registry">The registry.</param>
sealed class OnRegistry(string registry) : Placement
{
    /// <inheritdoc/>
    public override string Address => "127.0.0.1:0";

    /// <inheritdoc/>
    public override (IReadOnlyList<string> Prefix, IReadOnlyList<string> Arguments) Coordinator => ([], ["--registry", registry]);

    /// <inheritdoc/>
    public override (IReadOnlyList<string> Prefix, IReadOnlyList<string> Arguments) Worker(int worker) => ([], ["--registry", registry]);
}

/// <summary>The coordinator on one machine and the workers by turns on others, over TLS with the certificates of <c>security init</c>.</summary>
/// <param name="network">The machines.</param>
/// <param name="coordinator">The coordinator's machine.</param>
/// <param name="workers">The workers' machines.</param>
/// <param name="security">Folder that was made with the names of the workers' machines.</param>
sealed class OnMachines(NetworkNamespaces network, string coordinator, string[] workers, string security) : Placement
{
    const int Port = 4242;

    /// <inheritdoc/>
    public override string Address => string.Create(CultureInfo.InvariantCulture, $"{network.AddressOf(coordinator)}:{Port}");

    /// <inheritdoc/>
    public override (IReadOnlyList<string> Prefix, IReadOnlyList<string> Arguments) Coordinator => (network.On(coordinator), ["--security", security]);

    /// <inheritdoc/>
    public override (IReadOnlyList<string> Prefix, IReadOnlyList<string> Arguments) Worker(int worker)
    {
        var machine = workers[worker % workers.Length];
        return (network.On(machine), ["--coordinator", Address, "--security", Path.Combine(security, "nodes", machine)]);
    }
}
