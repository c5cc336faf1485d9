namespace LstmCluster.Actors;

/// <summary>Addresses: to the form in which they cross processes, and back.</summary>
/// <remarks>Whatever crossed a network and came back is the same object as before for as long as somebody holds it.</remarks>
public sealed partial class NetworkNode
{
    readonly WeakTable<NodeId, RemoteNode> _nodes = new();
    readonly WeakTable<ulong, ActorCell> _exported = new();

    // Apart from the actors that were: a peer may ask for numbers that nobody has yet.
    readonly WeakTable<ulong, DepartedRef> _departed = new();

    internal RemoteNode NodeFor(NodeId id) => _nodes.GetOrAdd(id, this, static (id, owner) => new RemoteNode(owner, id));

    internal WireAddress AddressOf(ActorRef actor)
    {
        switch (actor)
        {
            case ActorCell cell when cell.Runtime == Runtime:
                _exported.GetOrAdd(cell.Id, cell, static (_, cell) => cell);
                return new WireAddress(Id, cell.Path, cell.Id);
            case DepartedRef departed:
                return new WireAddress(Id, departed.Path, departed.Id);
            case RemoteRef remote when remote.Node.Owner == this:
                return new WireAddress(remote.Node.Id, remote.LocalPath, remote.Id);
            default:
                throw new ArgumentException($"{actor} is no address that {Id} can give to others", nameof(actor));
        }
    }

    internal ActorRef Resolve(WireAddress address) =>
        address.Node == Id ? FindLocal(address.Id, address.Path) : NodeFor(address.Node).Ref(address.Id, address.Path);

    /// <summary>An actor of this process, living or not.</summary>
    internal RoutedRef FindLocal(ulong id, string path)
    {
        if (FindLiving(path) is { } cell && cell.Id == id) return cell;
        if (_exported.TryGet(id, out var known)) return known;
        return _departed.GetOrAdd(id, (Runtime, Path: path), static (id, state) => new DepartedRef(state.Runtime, id, state.Path));
    }

    /// <summary>Who lives under a path now.</summary>
    internal ActorCell? FindLiving(string path) => Runtime.Find(path);

    internal RoutedRef? FindExported(ulong id) => _exported.TryGet(id, out var actor) ? actor : null;
}
