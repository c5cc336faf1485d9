using System.Net;
using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>How a process takes part in a run of another one.</summary>
public sealed record WorkerProcessOptions
{
    /// <summary>Where the coordinator listens.</summary>
    public required EndPoint Coordinator { get; init; }

    /// <summary>Certificates and join token; null for a coordinator on this machine that asks for none.</summary>
    public ClusterSecurity? Security { get; init; }

    /// <summary>The workers.</summary>
    public required WorkerSlots Slots { get; init; }

    /// <summary>Makes the model of a job.</summary>
    public required Func<JobPackage, Model> ModelOf { get; init; }

    /// <summary>Hears, in one line each, what is waited for and what has come.</summary>
    public required Action<string> Log { get; init; }

    /// <summary>Where time comes from.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Hears of messages that nobody wanted and of actors that failed; null for nobody.</summary>
    public IActorObserver? ActorObserver { get; init; }
}

/// <summary>A process whose workers join a run: connects, again and again for as long as the coordinator is away, and works until the run has ended.</summary>
public static class WorkerProcess
{
    /// <summary>Between two looks for a coordinator in a process that is connected but has none yet, or that is just being given up.</summary>
    static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Works until the run has ended.</summary>
    /// <param name="options">Where and with what.</param>
    /// <param name="stop">Leaves the run.</param>
    /// <returns>How it ended: <see cref="HostEndKind.RunEnded"/>, <see cref="HostEndKind.RunFailed"/> or <see cref="HostEndKind.Failed"/>.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="HandshakeException">The coordinator refuses this process for a reason that does not pass.</exception>
    /// <exception cref="InvalidOperationException">An actor failed in a way that nobody answers for; its exception is the inner one.</exception>
    public static async Task<HostEnd> RunAsync(WorkerProcessOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var pool = new PayloadPool();
        var log = new ConnectionLog(options.Log);
        var runtime = new ThreadRuntime(options.TimeProvider, seed: 0, options.ActorObserver);
        await using var node = new NetworkNode(runtime, new TrainerCodec(), pool, ClusterSecurity.Secure(Limits(options.Slots.Name), options.Security), log);
        await using (runtime)
        {
            await using var connection = node.Connect(options.Coordinator);
            for (var connected = 1; ; connected++)
            {
                var coordinator = await FindAsync(connection, options.TimeProvider, stop).ConfigureAwait(false);
                options.Log($"connected to {options.Coordinator}");
                var ended = new TaskCompletionSource<HostEnd>(TaskCreationOptions.RunContinuationsAsynchronously);
                runtime.Spawn(
                    $"host-{connected}", () => new WorkerHost(coordinator, options.Slots, options.ModelOf, pool, end => ended.TrySetResult(end)),
                    new ActorOptions { Supervision = Supervision.EscalateOnFailure });
                var first = await Task.WhenAny(ended.Task, runtime.Failure).WaitAsync(stop).ConfigureAwait(false);
                if (first == runtime.Failure) throw Failed(await runtime.Failure.ConfigureAwait(false));
                var end = await ended.Task.ConfigureAwait(false);

                // A host that failed is gone before the runtime knows why.
                if (runtime.Failure.IsCompleted) throw Failed(await runtime.Failure.ConfigureAwait(false));
                if (end.Kind != HostEndKind.Lost) return end;
                options.Log($"the coordinator is away ({end.Reason}); waiting for it");
            }
        }
    }

    /// <summary>Looks for the coordinator, for ever if need be: whoever started this process wants it to wait, and can stop it.</summary>
    static async Task<ActorRef> FindAsync(NodeConnection connection, TimeProvider time, CancellationToken stop)
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

            await Task.Delay(LookInterval, time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>The coordinator knows the sizes of the job before this process does; its limits hold.</summary>
    static NetworkOptions Limits(string name) => new()
    {
        Name = name,
        MaxPayloadBytes = int.MaxValue,

        // What waits is what the workers hold: the gradients of the assignments they were given, and no other is given before those are in.
        TensorQueueBytes = long.MaxValue,
    };

    static InvalidOperationException Failed(Exception failure) => new($"the worker stopped on an internal error: {failure.Message}", failure);

    /// <summary>Tells that the coordinator cannot be reached, once until it was.</summary>
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
