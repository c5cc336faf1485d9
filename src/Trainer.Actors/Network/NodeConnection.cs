using System.Net;
using System.Net.Sockets;

namespace LstmCluster.Actors;

/// <summary>Keeps a node connected to another one whose address is known.</summary>
public sealed class NodeConnection : IAsyncDisposable
{
    readonly NetworkNode _node;
    readonly EndPoint _endpoint;
    readonly CancellationTokenSource _stopped;
    readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock _gate = new();
    TaskCompletionSource<RemoteNode> _connected = Unconnected();
    Session? _dialled;
    int _disposed;

    internal NodeConnection(NetworkNode node, EndPoint endpoint, CancellationToken closing)
    {
        (_node, _endpoint) = (node, endpoint);
        _stopped = CancellationTokenSource.CreateLinkedTokenSource(closing);
    }

    /// <summary>Where the other node listens.</summary>
    public EndPoint EndPoint => _endpoint;

    /// <summary>Waits until the node is connected.</summary>
    /// <returns>The node, which may be lost again by the time it is used; after a restart of its process another one.</returns>
    /// <exception cref="HandshakeException">The other side refused for a reason that does not pass.</exception>
    /// <exception cref="ObjectDisposedException">This connection, or the whole node, was disposed.</exception>
    public Task<RemoteNode> ConnectedAsync(CancellationToken cancellation = default)
    {
        lock (_gate) return _connected.Task.WaitAsync(cancellation);
    }

    /// <summary>Hangs up, and connects no more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _stopped.CancelAsync().ConfigureAwait(false);
        await _done.Task.ConfigureAwait(false);
        _node.Forget(this);
        _stopped.Dispose();
    }

    internal async Task RunAsync()
    {
        var retries = new RetryDelay(_node.Options.FirstRetryDelay, _node.Options.MaxRetryDelay, StableHash.RandomFor(_node.Runtime.Seed, $"{_node.Id.Name} to {_endpoint}"));
        try
        {
            while (!_stopped.IsCancellationRequested)
            {
                if (await AttemptAsync(retries).ConfigureAwait(false) is not { } failure) continue;
                var delay = retries.Next();
                var pause = Task.Delay(delay, _node.Clock, _stopped.Token);
                _node.ReportConnectFailed(_endpoint, failure, delay);
                await pause.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            Session? session;
            lock (_gate) session = _dialled;
            if (session is not null) await session.LeaveAsync($"{_node.Id} hangs up", _node.Options.StopLimit).ConfigureAwait(false);
            Give(new ObjectDisposedException(nameof(NodeConnection), $"the connection to {_endpoint} was closed"));
        }
        catch (HandshakeException final)
        {
            Give(final);
        }
        finally
        {
            _done.SetResult();
        }
    }

    /// <summary>Connects, and waits for the end of the session.</summary>
    /// <returns>Why there is a reason to wait before the next attempt; null when there is none to make.</returns>
    async Task<Exception?> AttemptAsync(RetryDelay retries)
    {
        try
        {
            var session = await DialAsync().ConfigureAwait(false);
            TaskCompletionSource<RemoteNode> connected;
            lock (_gate) connected = _connected;
            connected.TrySetResult(session.Peer);
            var end = await session.Ended.WaitAsync(_stopped.Token).ConfigureAwait(false);
            lock (_gate)
            {
                _dialled = null;
                _connected = Unconnected();
            }

            // A session that lived has shown that the other side is well; one that did not must not be begun again and again without a pause.
            if (session.Age >= _node.Options.PeerTimeout) retries.Reset();
            return end;
        }
        catch (HandshakeException refusal) when (refusal.IsFinal)
        {
            throw;
        }
        catch (Exception failure) when (failure is IOException or SocketException or TimeoutException or HandshakeException or ObjectDisposedException or OperationCanceledException)
        {
            return _stopped.IsCancellationRequested ? null : failure;
        }
    }

    async Task<Session> DialAsync()
    {
        try
        {
            var link = await Dialling.DialAsync(_node, _endpoint, _stopped.Token).ConfigureAwait(false);
            Session session;
            try
            {
                session = _node.Admit(link);
            }
            catch
            {
                link.Dispose();
                throw;
            }

            lock (_gate) _dialled = session;
            session.Open();
            return session;
        }
        catch (HandshakeException refusal) when (refusal is { Reason: RefusalReason.AlreadyConnected, Node: { } peer } && _node.SessionOf(peer) is { } present)
        {
            // The other side dialled too, and its connection serves as well as ours would.
            return present;
        }
    }

    void Give(Exception end)
    {
        lock (_gate)
        {
            if (_connected.Task.IsCompleted) _connected = Unconnected();
            _connected.SetException(end);

            // Nobody has to ask.
            _ = _connected.Task.Exception;
        }
    }

    static TaskCompletionSource<RemoteNode> Unconnected() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
