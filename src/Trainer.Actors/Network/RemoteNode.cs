namespace LstmCluster.Actors;

/// <summary>Another process, as seen from here. A restarted one is another node.</summary>
public sealed class RemoteNode
{
    readonly WeakTable<ulong, RemoteRef> _refs = new();
    volatile Session? _session;

    internal RemoteNode(NetworkNode owner, NodeId id) => (Owner, Id) = (owner, id);

    /// <summary>Name and incarnation.</summary>
    public NodeId Id { get; }

    /// <summary>The node's name.</summary>
    public string Name => Id.Name;

    /// <summary>True while both connections are up. While they are not, messages to the node's actors are dead letters.</summary>
    public bool IsConnected => _session is not null;

    /// <summary>Time there and back, as the operating system smooths it; null where it does not tell, or while the node is not connected.</summary>
    public TimeSpan? RoundTrip => _session?.RoundTrip;

    internal NetworkNode Owner { get; }

    internal Session? Session => _session;

    /// <summary>Asks the node who lives under a path.</summary>
    /// <param name="path">Path from the root of that node, such as <c>/coordinator</c>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The address of that very actor, which does not pass to another one under the same path; null when nobody lives there.</returns>
    /// <exception cref="NodeLostException">The node is not, or no longer, connected.</exception>
    public Task<ActorRef?> ResolveAsync(string path, CancellationToken cancellation = default)
    {
        if (path is not ['/', ..] || path.Length > BodyReader.MaxPathBytes) throw new ArgumentException($"a path begins with a slash, got \"{path}\"", nameof(path));
        return _session is { } session ? session.Lookups.AskAsync(path, cancellation) : throw new NodeLostException(Id, "it is not connected");
    }

    /// <inheritdoc/>
    public override string ToString() => Id.ToString();

    internal RemoteRef Ref(ulong id, string path) => _refs.GetOrAdd(id, (Node: this, Path: path), static (id, state) => new RemoteRef(state.Node, id, state.Path));

    internal void Attach(Session session) => _session = session;

    internal void Detach(Session session) => Interlocked.CompareExchange(ref _session, null, session);
}
