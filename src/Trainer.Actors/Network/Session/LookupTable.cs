namespace LstmCluster.Actors;

/// <summary>Questions to another node that it has not answered yet.</summary>
sealed class LookupTable(Session session)
{
    readonly Dictionary<ulong, (string Path, TaskCompletionSource<ActorRef?> Answer)> _pending = [];
    readonly Lock _gate = new();
    ulong _last;
    Exception? _closed;

    /// <exception cref="NodeLostException">The connection ended before the answer came.</exception>
    public async Task<ActorRef?> AskAsync(string path, CancellationToken cancellation)
    {
        var answer = new TaskCompletionSource<ActorRef?>(TaskCreationOptions.RunContinuationsAsynchronously);
        ulong request;
        lock (_gate)
        {
            if (_closed is { } reason) throw new NodeLostException(session.Peer.Id, reason.Message, reason);
            request = ++_last;
            _pending.Add(request, (path, answer));
        }

        session.Outbox.SendLookup(request, path);
        try
        {
            return await answer.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate) _pending.Remove(request);
        }
    }

    /// <param name="request">Number of the question.</param>
    /// <param name="id">The actor; 0 for nobody.</param>
    public void Answer(ulong request, ulong id)
    {
        lock (_gate)
        {
            if (_pending.TryGetValue(request, out var pending)) pending.Answer.TrySetResult(id == 0 ? null : session.Peer.Ref(id, pending.Path));
        }
    }

    public void Close(Exception reason)
    {
        lock (_gate)
        {
            _closed = reason;
            foreach (var (_, answer) in _pending.Values) answer.TrySetException(new NodeLostException(session.Peer.Id, reason.Message, reason));
        }
    }
}
