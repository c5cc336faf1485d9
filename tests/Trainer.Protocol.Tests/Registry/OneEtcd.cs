using Cluster.Support;
using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

/// <summary>One node of etcd for the tests of a class, each with a name of its own; none where etcd is not installed.</summary>
public sealed class OneEtcd : IAsyncLifetime
{
    EtcdCluster? _cluster;

    public async ValueTask InitializeAsync()
    {
        if (EtcdCluster.IsInstalled) _cluster = await EtcdCluster.StartAsync(1);
    }

    /// <summary>Opens a registry, or skips the test where there is no etcd.</summary>
    public IRegistry Open(string name, RegistryOptions? options = null)
    {
        EtcdCluster.SkipUnlessInstalled();
        return RegistryAddress.Parse("--registry", _cluster!.Address(name)).Open(options ?? new RegistryOptions());
    }

    /// <summary>Asks the node itself, past the registry.</summary>
    public async Task PostAsync(string path, string body)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var content = new StringContent(body);
        using var response = await client.PostAsync(new Uri($"http://{_cluster!.Nodes[0].Endpoint}/v3/{path}"), content);
        response.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }
}
