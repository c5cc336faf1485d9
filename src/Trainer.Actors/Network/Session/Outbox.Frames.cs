namespace LstmCluster.Actors;

/// <summary>The frames of the runtime itself: there is always room for them, and none waits behind a payload.</summary>
sealed partial class Outbox
{
    public void SendAlive()
    {
        bool flush;
        lock (_gate)
        {
            // One is enough, however long the last one has been waiting.
            _aliveDue = true;
            flush = BeginFlush();
        }

        if (flush) _ = FlushAsync();
    }

    public void SendWatch(RemoteRef actor) => Send(FrameKind.Watch, actor, static (buffer, actor) => MessageFrame.WriteActor(buffer, actor.Id, actor.LocalPath));

    public void SendStop(RemoteRef actor) => Send(FrameKind.Stop, actor, static (buffer, actor) => MessageFrame.WriteActor(buffer, actor.Id, actor.LocalPath));

    public void SendGone(ulong id, Exception? failure) => Send(FrameKind.Gone, (Id: id, Failure: failure), static (buffer, gone) =>
    {
        buffer.UInt64(gone.Id);
        buffer.Byte(gone.Failure is null ? (byte)0 : (byte)1);
        if (gone.Failure is { } failure) buffer.Text(failure.Message, BodyReader.MaxReasonBytes);
    });

    public void SendLookup(ulong request, string path) => Send(FrameKind.Lookup, (request, path), static (buffer, lookup) =>
    {
        buffer.UInt64(lookup.request);
        buffer.Text(lookup.path, BodyReader.MaxPathBytes);
    });

    /// <param name="request">Number of the lookup.</param>
    /// <param name="id">The actor; 0 when nobody lives there.</param>
    public void SendFound(ulong request, ulong id) => Send(FrameKind.Found, (request, id), static (buffer, found) =>
    {
        buffer.UInt64(found.request);
        buffer.UInt64(found.id);
    });

    /// <param name="sender">Who sent the message; null when it came from outside of any actor.</param>
    /// <param name="target">Whose mailbox is full.</param>
    /// <param name="reason">The same in words.</param>
    public void SendNoRoom(RemoteRef? sender, WireAddress target, string reason) =>
        Send(FrameKind.NoRoom, (sender, target, reason), static (buffer, refused) =>
        {
            buffer.UInt64(refused.sender?.Id ?? 0);
            MessageFrame.WriteActor(buffer, refused.target.Id, refused.target.Path);
            buffer.Text(refused.reason, BodyReader.MaxReasonBytes);
        });

    public void SendGoodbye(string reason) => Send(FrameKind.Goodbye, reason, static (buffer, reason) => buffer.Text(reason, BodyReader.MaxReasonBytes));

    void Send<TState>(FrameKind kind, TState state, Action<FrameBuffer, TState> write)
    {
        bool flush, overdue;
        lock (_gate)
        {
            if (_closed || _finishing) return;
            overdue = _filling.Length > _backlogBytes;
            var start = _filling.BeginFrame();
            write(_filling, state);
            _filling.EndFrame(start, kind, ++_frames);
            flush = BeginFlush();
        }

        if (flush) _ = FlushAsync();
        if (overdue) _session.Close(new IOException($"the other side has left more than {_backlogBytes} bytes unread"));
    }

    void WriteAlive()
    {
        _aliveDue = false;
        var (messages, bytes) = _session.Inbox.Delivered;
        var start = _filling.BeginFrame();
        _filling.UInt64((ulong)messages);
        _filling.UInt64((ulong)bytes);
        _filling.EndFrame(start, FrameKind.Alive, ++_frames);
    }
}
