using System.Net;
using System.Net.Sockets;

namespace LstmCluster.Actors;

/// <summary>Joins the actors of a <see cref="ThreadRuntime"/> with those of other processes, over TCP.</summary>
/// <remarks>
/// A node listens, connects, or both. Addresses of remote actors come from <see cref="RemoteNode.ResolveAsync"/> or within messages, and actors use
/// them like any others. Messages of one sender to one receiver arrive in order for as long as the connection lasts. When it is lost, messages
/// on their way are lost with it and watchers hear <see cref="Terminated"/> with a <see cref="NodeLostException"/>; after a reconnection the addresses
/// work again, unless the process was restarted. Dispose the runtime first, so that its actors' end is still heard, and then the node.
/// </remarks>
public sealed partial class NetworkNode : IAsyncDisposable
{
    readonly INetworkObserver _observer;
    readonly Doorkeeper _doorkeeper;
    readonly CancellationTokenSource _closing = new();
    readonly Lock _gate = new();
    readonly Dictionary<string, Session> _sessions = [];
    const int Backlog = 512;

    readonly List<Socket> _listeners = [];
    readonly HashSet<Task> _tasks = [];
    readonly List<NodeConnection> _connections = [];
    bool _closed;

    /// <summary>A node that neither listens nor connects yet.</summary>
    /// <param name="runtime">Runs the actors of this process; its clock and its seed are the node's too.</param>
    /// <param name="codec">Turns messages into bytes.</param>
    /// <param name="pool">Received payloads are rented from it.</param>
    /// <param name="options">Name, limits and security.</param>
    /// <param name="observer">Hears of nodes that come and go; nobody does when null.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="PlatformNotSupportedException">The machine is big-endian, and payloads cross as they lie in memory.</exception>
    public NetworkNode(ThreadRuntime runtime, IMessageCodec codec, PayloadPool pool, NetworkOptions options, INetworkObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        ArgumentNullException.ThrowIfNull(codec);
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("payloads cross as little-endian memory");
        (Runtime, Clock, Codec, Pool, Options) = (runtime, runtime.Clock, codec, pool, options);
        Id = new NodeId(options.Name, options.Incarnation);
        _observer = observer ?? new SilentNetworkObserver();
        _doorkeeper = new Doorkeeper(this);
        NetworkMeter.Add(this);
    }

    /// <summary>Name and incarnation of this node.</summary>
    public NodeId Id { get; }

    /// <summary>What the node has counted.</summary>
    public NetworkStatistics Statistics { get; } = new();

    /// <summary>The nodes that are connected now, by name.</summary>
    public IReadOnlyList<RemoteNode> Connected
    {
        get
        {
            lock (_gate) return [.. _sessions.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => entry.Value.Peer)];
        }
    }

    internal LocalRuntime Runtime { get; }

    internal TimeProvider Clock { get; }

    internal IMessageCodec Codec { get; }

    internal PayloadPool Pool { get; }

    internal NetworkOptions Options { get; }

    internal Doorkeeper Doorkeeper => _doorkeeper;

    internal int HalfOpen => _doorkeeper.HalfOpen;

    /// <summary>Takes connections of other nodes.</summary>
    /// <param name="endpoint">Where; port 0 picks a free one.</param>
    /// <returns>The address with its port.</returns>
    /// <exception cref="InvalidOperationException">The address is not a loopback one, and no security is set.</exception>
    /// <exception cref="SocketException">The address cannot be listened on.</exception>
    public IPEndPoint Listen(IPEndPoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (Options.Security is null && !IPAddress.IsLoopback(endpoint.Address))
            throw new InvalidOperationException($"{endpoint} can be reached from other machines: listening there needs certificates");
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // "[::]" is every address of the machine, IPv4 ones too.
            if (endpoint.Address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            socket.Bind(endpoint);
            socket.Listen(Backlog);
            Accept(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var address = (IPEndPoint)socket.LocalEndPoint!;
        if (Options.UsesLocalSockets && LocalSocket.Listen(address, Backlog) is { } local) Accept(local);
        return address;
    }

    /// <summary>Connects to another node, and again whenever the connection is lost, until the result is disposed.</summary>
    /// <param name="endpoint">Where it listens.</param>
    public NodeConnection Connect(EndPoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var connection = new NodeConnection(this, endpoint, _closing.Token);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _connections.Add(connection);
        }

        Run(connection.RunAsync);
        return connection;
    }

    /// <summary>Sends what was accepted, tells the other nodes, and closes all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        Session[] sessions;
        lock (_gate)
        {
            if (_closed) return;
            _closed = true;
            sessions = [.. _sessions.Values];
            foreach (var listener in _listeners) listener.Dispose();
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(sessions.Select(session => session.LeaveAsync($"{Id} shuts down", Options.StopLimit))).ConfigureAwait(false);
        NodeConnection[] connections;
        lock (_gate) connections = [.. _connections];
        foreach (var connection in connections) await connection.DisposeAsync().ConfigureAwait(false);
        while (true)
        {
            Task[] tasks;
            lock (_gate) tasks = [.. _tasks];
            if (tasks.Length == 0) break;
            await Task.WhenAll(tasks).ConfigureAwait(false);
        }

        NetworkMeter.Remove(this);
        _closing.Dispose();
    }

    void Accept(Socket listener)
    {
        lock (_gate)
        {
            if (_closed) listener.Dispose();
            ObjectDisposedException.ThrowIf(_closed, this);
            _listeners.Add(listener);
        }

        Run(() => AcceptAsync(listener));
    }

    async Task AcceptAsync(Socket listener)
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(_closing.Token).ConfigureAwait(false);
                Run(() => _doorkeeper.ReceiveAsync(socket, _closing.Token));
            }
            catch (Exception closed) when (closed is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException failed)
            {
                if (_closing.IsCancellationRequested) return;

                // Too many open files, for instance: others may be closed meanwhile.
                Refused(null, failed);
                await Task.Delay(Options.FirstRetryDelay, Clock, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Runs a task of the node to its end. What it throws is a defect of this assembly.</summary>
    void Run(Func<Task> run)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate) _tasks.Add(done.Task);
        _ = RunAsync();

        async Task RunAsync()
        {
            try
            {
                await run().ConfigureAwait(false);
            }
            catch (Exception broken)
            {
                Runtime.Fault(broken);
            }

            lock (_gate) _tasks.Remove(done.Task);
            done.SetResult();
        }
    }
}
