using System.Globalization;
using System.Net;
using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>A process that takes part in a run of another one: finds the coordinator, again and again for as long as it is away and it is told to, and serves it until the run has ended.</summary>
/// <remarks>For each connection to a coordinator it starts one host, an actor that does the rest and says why it ended.</remarks>
public sealed class HostProcess
{
    /// <summary>The largest message without its payloads that a worker's process sends and takes, bytes: the smaller limit of both ends holds.</summary>
    public const int LargestMessageBytes = 1 << 30;

    /// <summary>Between two looks for a coordinator in a process that is connected but has none yet, or that is just being given up.</summary>
    static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    readonly HostProcessOptions _options;
    readonly ThreadRuntime _runtime;
    readonly NetworkNode _node;
    readonly PayloadPool _pool;
    readonly string? _endpoint;
    readonly TermGate _terms = new();

    // Fires when the coordinator has been away for too long.
    readonly CancellationTokenSource _away;
    readonly CancellationToken _stop;
    int _hosts;

    HostProcess(HostProcessOptions options, ThreadRuntime runtime, NetworkNode node, PayloadPool pool, CancellationTokenSource away, CancellationToken stop)
    {
        (_options, _runtime, _node, _pool, _away, _stop) = (options, runtime, node, pool, away, stop);
        if (options.Listen is not { } listen) return;
        var address = node.Listen(listen);
        _endpoint = (options.Advertise ?? address).ToString();
    }

    /// <summary>Serves until the run has ended.</summary>
    /// <param name="options">Where and with what.</param>
    /// <param name="stop">Leaves the run.</param>
    /// <returns>How it ended; never <see cref="HostEndKind.Lost"/>.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="HandshakeException">The coordinator refuses this process for a reason that does not pass.</exception>
    /// <exception cref="RegistryException">The registry refuses.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The address cannot be listened on.</exception>
    /// <exception cref="InvalidOperationException">An actor failed in a way that nobody answers for; its exception is the inner one.</exception>
    public static async Task<HostEnd> RunAsync(HostProcessOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        await using var finder = options.Registry is { } registry
            ? new CoordinatorFinder(registry(), options.MayDial, options.Log, options.TimeProvider)
            : new CoordinatorFinder(options.Coordinator ?? throw new ArgumentException("neither a coordinator nor a registry is given", nameof(options)));
        using var pool = new PayloadPool();
        var runtime = new ThreadRuntime(options.TimeProvider, seed: 0, options.ActorObserver);
        await using var node = new NetworkNode(runtime, new TrainerCodec(), pool, ClusterSecurity.Secure(Limits(options), options.Security), new ConnectionLog(options.Log));
        using var away = new CancellationTokenSource(options.ReconnectFor ?? Timeout.InfiniteTimeSpan, options.TimeProvider);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(stop, away.Token);
        await using (runtime)
        {
            try
            {
                return await new HostProcess(options, runtime, node, pool, away, any.Token).FollowAsync(finder).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (away.IsCancellationRequested && !stop.IsCancellationRequested)
            {
                return new HostEnd(HostEndKind.Away, string.Create(CultureInfo.InvariantCulture, $"the coordinator has been away for {options.ReconnectFor!.Value.TotalSeconds:0.###} s"));
            }
        }
    }

    async Task<HostEnd> FollowAsync(CoordinatorFinder finder)
    {
        while (true)
        {
            var (place, end) = await finder.FindAsync(_stop).ConfigureAwait(false);
            if (end is not null) return end;
            using var here = CancellationTokenSource.CreateLinkedTokenSource(_stop, place!.Moved);
            try
            {
                return await ServeAsync(place.EndPoint, here.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (place.Moved.IsCancellationRequested && !_stop.IsCancellationRequested)
            {
                // Another one reigns elsewhere, and is looked for from now on; or the run has ended.
                _away.CancelAfter(_options.ReconnectFor ?? Timeout.InfiniteTimeSpan);
            }
        }
    }

    async Task<HostEnd> ServeAsync(EndPoint place, CancellationToken stop)
    {
        await using var connection = _node.Connect(place);
        while (true)
        {
            var coordinator = await FindAsync(connection, stop).ConfigureAwait(false);
            _away.CancelAfter(Timeout.InfiniteTimeSpan);
            _options.Log($"connected to {place}");
            var end = await ServeAsync(connection, coordinator, stop).ConfigureAwait(false);
            if (end.Kind != HostEndKind.Lost) return end;
            _options.Log($"the coordinator is away ({end.Reason}); waiting for it");
            _away.CancelAfter(_options.ReconnectFor ?? Timeout.InfiniteTimeSpan);

            // One that is just being given up is still found.
            await Task.Delay(LookInterval, _options.TimeProvider, stop).ConfigureAwait(false);
        }
    }

    async Task<HostEnd> ServeAsync(NodeConnection connection, ActorRef coordinator, CancellationToken stop)
    {
        var ended = new TaskCompletionSource<HostEnd>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var servers = new ServerConnections(_node, _runtime, _options.MayDial, _options.Log);
        var start = new HostStart(coordinator, _pool, end => ended.TrySetResult(end)) { Endpoint = _endpoint, Terms = _terms, Connect = servers.Connect };
        _runtime.Spawn($"host-{++_hosts}", () => _options.Host(start), new ActorOptions { Supervision = Supervision.EscalateOnFailure });
        try
        {
            var first = await Task.WhenAny(ended.Task, _runtime.Failure).WaitAsync(stop).ConfigureAwait(false);
            if (first == _runtime.Failure) throw Failed(await _runtime.Failure.ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            // The host sees its coordinator go, and goes: the next one's may have the same names for its workers.
            await connection.DisposeAsync().ConfigureAwait(false);
            await Task.WhenAny(ended.Task, _runtime.Failure).ConfigureAwait(false);
            throw;
        }

        // A host that failed is gone before the runtime knows why.
        if (_runtime.Failure.IsCompleted) throw Failed(await _runtime.Failure.ConfigureAwait(false));
        return await ended.Task.ConfigureAwait(false);
    }

    /// <summary>Looks for the coordinator, for ever where nothing else was said: whoever started this process wants it to wait, and can stop it.</summary>
    async Task<ActorRef> FindAsync(NodeConnection connection, CancellationToken stop)
    {
        while (true)
        {
            var process = await connection.ConnectedAsync(stop).ConfigureAwait(false);
            try
            {
                if (await process.ResolveAsync(ActorNames.CoordinatorPath, stop).ConfigureAwait(false) is { } coordinator) return coordinator;
            }
            catch (NodeLostException)
            {
                // The connection is made again.
            }

            await Task.Delay(LookInterval, _options.TimeProvider, stop).ConfigureAwait(false);
        }
    }

    /// <summary>The coordinator knows the sizes of the job before this process does; its limits hold.</summary>
    static NetworkOptions Limits(HostProcessOptions options)
    {
        var limits = new NetworkOptions
        {
            Name = options.Name,
            MaxPayloadBytes = int.MaxValue,

            // What waits is what the workers hold: the gradients of the assignments they were given, and no other is given before those are in.
            TensorQueueBytes = long.MaxValue,
        };

        // What the figures of a job take the coordinator knows; who is listened for by others has no job's figures to take.
        return options.Listen is null ? limits with { MaxMessageBytes = LargestMessageBytes, WindowBytes = int.MaxValue } : limits;
    }

    static InvalidOperationException Failed(Exception failure) => new($"this process stopped on an internal error: {failure.Message}", failure);

    /// <summary>Tells that a process cannot be reached, once until one was.</summary>
    sealed class ConnectionLog(Action<string> log) : INetworkObserver
    {
        volatile bool _told;

        public void NodeConnected(RemoteNode node) => _told = false;

        public void ConnectFailed(EndPoint to, Exception reason, TimeSpan delay)
        {
            if (_told) return;
            _told = true;
            log($"waiting for the coordinator at {to}: {reason.Message}");
        }
    }
}
