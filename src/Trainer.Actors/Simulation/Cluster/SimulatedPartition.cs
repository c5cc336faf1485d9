namespace LstmCluster.Actors;

/// <summary>A cut in the network of a <see cref="SimulatedCluster"/>. Disposing it heals the network.</summary>
/// <remarks>
/// What is sent over a connection meanwhile waits, as TCP would send it again, and arrives once the cut is healed, unless the connection is lost before.
/// </remarks>
public sealed class SimulatedPartition : IDisposable
{
    readonly SimulatedCluster _cluster;
    readonly HashSet<ProcessSlot> _from;
    readonly HashSet<ProcessSlot> _to;
    readonly bool _oneWay;
    readonly List<LinkDirection> _cut = [];

    internal SimulatedPartition(SimulatedCluster cluster, IEnumerable<ProcessSlot> from, IEnumerable<ProcessSlot> to, bool oneWay) =>
        (_cluster, _from, _to, _oneWay) = (cluster, [.. from], [.. to], oneWay);

    /// <summary>True once the cut is healed.</summary>
    public bool IsHealed { get; private set; }

    /// <summary>Lets messages pass again.</summary>
    public void Dispose()
    {
        if (IsHealed) return;
        IsHealed = true;
        _cluster.Heal(this);
        foreach (var direction in _cut) direction.Unblock();
    }

    internal bool Blocks(ProcessSlot from, ProcessSlot to) =>
        (_from.Contains(from) && _to.Contains(to)) || (!_oneWay && _from.Contains(to) && _to.Contains(from));

    internal void Begin()
    {
        foreach (var slot in _from) Cut(slot, _to);
        foreach (var slot in _to) Cut(slot, _from);
    }

    /// <summary>Each connection is known to both of its ends, or to one if it is only half open.</summary>
    void Cut(ProcessSlot slot, HashSet<ProcessSlot> others)
    {
        foreach (var end in slot.Process?.Ends ?? [])
        {
            if (!others.Contains(end.Peer.Slot)) continue;
            Cut(end.Outgoing);
            Cut(end.Incoming);
        }
    }

    void Cut(LinkDirection direction)
    {
        if (!Blocks(direction.From.Process.Slot, direction.To.Process.Slot) || !direction.Block(this)) return;
        _cut.Add(direction);
    }
}
