namespace LstmCluster.Actors;

/// <summary>Questions to the other process that it has not answered yet.</summary>
sealed class EndLookups(SessionEnd end)
{
    readonly Dictionary<long, Action<ActorRef?>> _pending = [];
    long _last;

    public void Ask(string path, Action<ActorRef?> answer)
    {
        var request = ++_last;
        _pending.Add(request, answer);
        end.Outgoing.Tell(() =>
        {
            var found = end.Peer.FindLocal(path);
            end.Incoming.Tell(() => Answer(request, found));
        });
    }

    /// <summary>The connection is lost: nobody was found.</summary>
    public void Close()
    {
        Action<ActorRef?>[] pending = [.. _pending.Values];
        _pending.Clear();
        if (!end.Process.IsAlive) return;
        foreach (var answer in pending) answer(null);
    }

    void Answer(long request, ActorRef? found)
    {
        if (_pending.Remove(request, out var answer)) answer(found);
    }
}
