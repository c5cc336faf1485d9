using System.Globalization;

namespace Cluster.Support;

/// <summary>A cluster of etcd on free ports of loopback, with its data in a temporary folder that goes with it.</summary>
sealed class EtcdCluster : IAsyncDisposable
{
    /// <summary>How often others may be faster to take the ports.</summary>
    const int Attempts = 5;

    readonly DirectoryInfo _data;

    EtcdCluster(DirectoryInfo data, IReadOnlyList<EtcdNode> nodes) => (_data, Nodes) = (data, nodes);

    public IReadOnlyList<EtcdNode> Nodes { get; }

    /// <summary>Whether there is an etcd to start.</summary>
    public static bool IsInstalled { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "etcd")));

    /// <summary>Skips the test, with a reason that is shown, where there is none.</summary>
    public static void SkipUnlessInstalled() =>
        Assert.SkipUnless(IsInstalled, "etcd is not installed (Debian: apt-get install etcd-server), so nothing of the registry in etcd is tested");

    /// <summary>Starts a cluster.</summary>
    /// <param name="count">How many nodes.</param>
    public static async Task<EtcdCluster> StartAsync(int count)
    {
        for (var attempt = 1; ; attempt++)
        {
            var cluster = Prepare(count);
            try
            {
                // A node is ready once most of them are there, so none can be waited for alone.
                await Task.WhenAll(cluster.Nodes.Select(node => node.StartAsync()));
                return cluster;
            }
            catch (EtcdEndedException failure) when (attempt < Attempts && failure.Message.Contains("address already in use", StringComparison.Ordinal))
            {
                await cluster.DisposeAsync();
            }
            catch
            {
                await cluster.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>The address of a registry in it.</summary>
    /// <param name="name">Name of the run.</param>
    /// <param name="first">The node that is asked first.</param>
    public string Address(string name, int first = 0) =>
        $"etcd://{string.Join(',', Nodes.Skip(first).Concat(Nodes.Take(first)).Select(node => node.Endpoint))}/{name}";

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Nodes.Select(node => node.KillAsync()));
        _data.Delete(recursive: true);
    }

    static EtcdCluster Prepare(int count)
    {
        var data = Directory.CreateTempSubdirectory("etcd-test-");
        var ports = FreePorts.Pick(2 * count);
        var members = string.Join(',', Enumerable.Range(0, count).Select(index => $"{Name(index)}={Url(ports[count + index])}"));
        return new EtcdCluster(data, [.. Enumerable.Range(0, count).Select(index => new EtcdNode(ports[index],
        [
            "--name", Name(index),
            "--data-dir", Path.Combine(data.FullName, Name(index)),
            "--listen-client-urls", Url(ports[index]),
            "--advertise-client-urls", Url(ports[index]),
            "--listen-peer-urls", Url(ports[count + index]),
            "--initial-advertise-peer-urls", Url(ports[count + index]),
            "--initial-cluster", members,
            "--initial-cluster-token", data.Name,
        ]))]);
    }

    static string Name(int index) => string.Create(CultureInfo.InvariantCulture, $"node-{index}");

    static string Url(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
}
