using System.Net;
using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Cli.Bench;

/// <summary>An actor runtime with a node, as a coordinator or a worker has them.</summary>
sealed class WireNode : IAsyncDisposable
{
    const string MirrorName = "mirror";

    readonly PayloadPool _pool = new();
    readonly ThreadRuntime _runtime = new(TimeProvider.System, seed: 0);
    readonly NetworkNode _node;
    ActorRef? _caller;

    WireNode(string name, bool local, ClusterSecurity? security) =>
        _node = new NetworkNode(_runtime, new WireCodec(), _pool, ClusterSecurity.Secure(new NetworkOptions { Name = name, LocalSockets = local }, security));

    /// <summary>The other side: listens on loopback and sends back what comes.</summary>
    /// <returns>The node and its port.</returns>
    public static (WireNode Node, int Port) Serve(ClusterSecurity? security)
    {
        var node = new WireNode("far", local: true, security);
        node._runtime.Spawn(MirrorName, () => new Mirror());
        return (node, node._node.Listen(new IPEndPoint(IPAddress.Loopback, 0)).Port);
    }

    /// <summary>This side: connects.</summary>
    /// <param name="port">The other side's.</param>
    /// <param name="local">Whether it may use a socket within the machine in place of TCP.</param>
    /// <param name="security">For TLS.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<WireNode> ConnectAsync(int port, bool local, ClusterSecurity? security, CancellationToken cancellation)
    {
        var node = new WireNode("near", local, security);
        var far = await node._node.Connect(new IPEndPoint(IPAddress.Loopback, port)).ConnectedAsync(cancellation).ConfigureAwait(false);
        var mirror = await far.ResolveAsync($"/{MirrorName}", cancellation).ConfigureAwait(false) ?? throw new InvalidOperationException("nobody is there to answer");
        node._caller = node._runtime.Spawn("caller", () => new Caller(mirror, node._pool));
        return node;
    }

    /// <summary>Ticks of each of so many round trips.</summary>
    public Task<long[]> TripsAsync(int count, CancellationToken cancellation) => AskAsync(done => new OrderTrips(count, done), cancellation);

    /// <summary>Ticks until so many tensors were taken on the other side.</summary>
    public async Task<long> CopyAsync(WireLoad load, CancellationToken cancellation) =>
        (await AskAsync(done => new OrderParcels(load.Payloads, load.PayloadBytes, done), cancellation).ConfigureAwait(false))[0];

    async Task<long[]> AskAsync(Func<TaskCompletionSource<long[]>, Order> order, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource<long[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _runtime.Send(_caller!, order(done));
        if (await Task.WhenAny(done.Task, _runtime.Failure).WaitAsync(cancellation).ConfigureAwait(false) == _runtime.Failure)
            throw new InvalidOperationException("the measurement failed", await _runtime.Failure.ConfigureAwait(false));
        return await done.Task.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _runtime.DisposeAsync().ConfigureAwait(false);
        await _node.DisposeAsync().ConfigureAwait(false);
        _pool.Dispose();
    }
}
