using System.Net;
using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The connections of a process to the parameter servers of other processes, for as long as one host lives.</summary>
/// <param name="node">Connects.</param>
/// <param name="runtime">Runs the host.</param>
/// <param name="mayDial">False for places that this process must not connect to.</param>
/// <param name="log">Hears, in one line each, what cannot be connected to.</param>
sealed class ServerConnections(NetworkNode node, IActorRuntime runtime, Func<EndPoint, bool> mayDial, Action<string> log) : IAsyncDisposable
{
    readonly CancellationTokenSource _closing = new();
    readonly List<NodeConnection> _connections = [];
    Task _connecting = Task.CompletedTask;

    /// <summary>Connects, and tells the host (<see cref="ParameterServersReachable"/>) when each is connected. Does not wait.</summary>
    /// <param name="host">Who waits.</param>
    /// <param name="servers">The parameter servers.</param>
    public void Connect(ActorRef host, IReadOnlyList<ParameterServerAddress> servers) => _connecting = ConnectAsync(host, servers);

    /// <summary>Hangs up.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _connecting.ConfigureAwait(false);
        foreach (var connection in _connections) await connection.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
    }

    async Task ConnectAsync(ActorRef host, IReadOnlyList<ParameterServerAddress> servers)
    {
        try
        {
            foreach (var text in servers.Select(server => server.Endpoint).OfType<string>().Distinct(StringComparer.Ordinal))
            {
                if (!EndPointText.TryParse(text, out var endpoint)) log($"a parameter server is said to be at \"{text}\", which is no address");
                else if (!mayDial(endpoint)) log($"a parameter server is at {text}, on another machine, which is reached over TLS only: this process needs --security");
                else _connections.Add(node.Connect(endpoint));
            }

            foreach (var connection in _connections) await connection.ConnectedAsync(_closing.Token).ConfigureAwait(false);
            runtime.Send(host, new ParameterServersReachable());
        }
        catch (Exception gone) when (gone is OperationCanceledException or ObjectDisposedException && _closing.IsCancellationRequested)
        {
            // The host is gone.
        }
        catch (HandshakeException refusal)
        {
            // The host gives up when its time is over, and asks the coordinator again.
            log($"a parameter server refuses this process: {refusal.Message}");
        }
    }
}

/// <summary>To a host: every parameter server of another process is connected.</summary>
public sealed record ParameterServersReachable : Message;
