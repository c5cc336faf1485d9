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

    /// <summary>The same for a parameter server.</summary>
    public virtual (IReadOnlyList<string> Prefix, IReadOnlyList<string> Arguments) Server => Worker(0);
}

/// <summary>All on this machine, over loopback.</summary>
/// <param name="security">Certificates for TLS; null for plain connections.</param>
sealed class OnLoopback(NodeFolders? security = null) : Placement
{
    /// <inheritdoc/>
    public override string Address { get; } = $"127.0.0.1:{FreePorts.Pick(1)[0]}";

    /// <inheritdoc/>
    public override (IReadOnlyList<string> Prefix, IReadOnlyList<string> Arguments) Coordinator => ([], NodeFolders.OfCoordinator(security));

    /// <inheritdoc/>
    public override (IReadOnlyList<string> Prefix, IReadOnlyList<string> Arguments) Worker(int worker) =>
        ([], ["--coordinator", Address, .. NodeFolders.OfNode(security, worker)]);
}

/// <summary>All on this machine, found through a registry: any number of coordinators, of which one leads.</summary>
/// <param name="registry">The registry.</param>
/// <param name="security">Certificates for TLS; null for plain connections.</param>
sealed class OnRegistry(string registry, NodeFolders? security = null) : Placement
{
    /// <inheritdoc/>
    public override string Address => "127.0.0.1:0";

    /// <inheritdoc/>
    public override (IReadOnlyList<string> Prefix, IReadOnlyList<string> Arguments) Coordinator => ([], ["--registry", registry, .. NodeFolders.OfCoordinator(security)]);

    /// <inheritdoc/>
    public override (IReadOnlyList<string> Prefix, IReadOnlyList<string> Arguments) Worker(int worker) =>
        ([], ["--registry", registry, .. NodeFolders.OfNode(security, worker)]);
}

/// <summary>Certificates that <c>security init</c> has made.</summary>
/// <param name="Folder">The coordinator's folder.</param>
/// <param name="Names">Names of the others, by turns those of workers; the first one is a parameter server's too.</param>
sealed record NodeFolders(string Folder, IReadOnlyList<string> Names)
{
    /// <summary>Makes them.</summary>
    public static async Task<NodeFolders> InitAsync(Workspace workspace)
    {
        string[] names = ["one", "two"];
        return new NodeFolders(await workspace.InitAsync("security", names), names);
    }

    /// <summary>What a coordinator is told of its certificates.</summary>
    public static IReadOnlyList<string> OfCoordinator(NodeFolders? folders) => folders is null ? [] : ["--security", folders.Folder];

    /// <summary>What another process is told of its certificates.</summary>
    public static IReadOnlyList<string> OfNode(NodeFolders? folders, int node) =>
        folders is null ? [] : ["--security", Path.Combine(folders.Folder, "nodes", folders.Names[node % folders.Names.Count])];
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
