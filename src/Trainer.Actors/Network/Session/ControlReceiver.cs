namespace LstmCluster.Actors;

/// <summary>Reads the control connection of a node and does what it says.</summary>
sealed class ControlReceiver(Session session, Stream stream)
{
    public async Task RunAsync()
    {
        var reader = new FrameReader(stream, session.Limits.MaxMessageBytes, session.Heard);
        while (true)
        {
            var (kind, body) = await reader.ReadAsync().ConfigureAwait(false);
            if (kind == FrameKind.Message) session.Inbox.Arrive(body);
            else Handle(kind, body.Span);
        }
    }

    void Handle(FrameKind kind, ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        switch (kind)
        {
            case FrameKind.Alive:
                Alive(ref reader);
                break;
            case FrameKind.Watch:
                Watch(ref reader);
                break;
            case FrameKind.Gone:
                Gone(ref reader);
                break;
            case FrameKind.Stop:
                Stop(ref reader);
                break;
            case FrameKind.Lookup:
                Lookup(ref reader);
                break;
            case FrameKind.Found:
                Found(ref reader);
                break;
            case FrameKind.NoRoom:
                NoRoom(ref reader);
                break;
            case FrameKind.Goodbye:
                Goodbye(ref reader);
                break;
            default:
                throw new FrameException($"{kind} frame on a control connection");
        }
    }

    void Alive(ref BodyReader reader)
    {
        var (messages, bytes) = (reader.UInt64(), reader.UInt64());
        reader.End();
        session.Outbox.Acknowledge((long)messages, (long)bytes);
        session.Node.Statistics.CountHeartbeat();
    }

    void Watch(ref BodyReader reader) => session.Watched.Add(Actor(ref reader));

    void Stop(ref BodyReader reader) => Actor(ref reader).Post(SystemMessage.Stop.InOrder);

    void Gone(ref BodyReader reader)
    {
        var id = reader.UInt64();
        var failure = reader.Byte() == 0 ? null : new RemoteFailureException(reader.Text(BodyReader.MaxReasonBytes));
        reader.End();
        session.Watches.Answer(id, failure);
    }

    void Lookup(ref BodyReader reader)
    {
        var (request, path) = (reader.UInt64(), reader.Path());
        reader.End();
        session.Outbox.SendFound(request, session.Node.FindLiving(path) is { } cell ? session.Node.AddressOf(cell).Id : 0);
    }

    void Found(ref BodyReader reader)
    {
        var (request, id) = (reader.UInt64(), reader.UInt64());
        reader.End();
        session.Lookups.Answer(request, id);
    }

    /// <summary>As with a timer, nobody is there any more to catch it: the sender fails.</summary>
    void NoRoom(ref BodyReader reader)
    {
        var sender = reader.UInt64();
        var target = session.Peer.Ref(Id(reader.UInt64()), reader.Path());
        var full = new MailboxFullException(reader.Text(BodyReader.MaxReasonBytes), target);
        reader.End();
        if (sender == 0) session.Node.ReportRefused(target, full);
        else session.Node.FindExported(sender)?.Post(new SystemMessage.Fail(full));
    }

    void Goodbye(ref BodyReader reader)
    {
        var reason = reader.Text(BodyReader.MaxReasonBytes);
        reader.End();
        session.SayGoodbye(reason);
    }

    RoutedRef Actor(ref BodyReader reader)
    {
        var (id, path) = (Id(reader.UInt64()), reader.Path());
        reader.End();
        return session.Node.FindLocal(id, path);
    }

    static ulong Id(ulong id) => id != 0 ? id : throw new FrameException("an actor without a number");
}
