namespace LstmCluster.Actors;

/// <summary>What happened, in order: a rolling hash over everything, and the last events in words.</summary>
/// <param name="tailLength">Events kept for <see cref="Tail"/>.</param>
sealed class SimulationTrace(int tailLength)
{
    readonly Entry[] _tail = new Entry[tailLength];
    readonly Dictionary<string, ulong> _paths = new(StringComparer.Ordinal);
    readonly Dictionary<Type, ulong> _types = [];
    long _count;

    /// <summary>Equal for two runs that did the same, event by event; different otherwise, but for chance.</summary>
    public ulong Hash { get; private set; }

    /// <summary>The last events, oldest first.</summary>
    public IReadOnlyList<string> Tail()
    {
        var kept = Math.Min(_count, _tail.Length);
        return [.. Enumerable.Range(0, (int)kept).Select(i => _tail[(_count - kept + i) % _tail.Length].ToString())];
    }

    /// <summary>Adds an event.</summary>
    /// <param name="elapsed">The simulation's time.</param>
    /// <param name="what">The kind of event: one of a few constant words.</param>
    /// <param name="sender">Where the message comes from; null for outside or for the runtime.</param>
    /// <param name="receiver">Whom it is for.</param>
    /// <param name="message">The message's type.</param>
    public void Add(TimeSpan elapsed, string what, ActorRef? sender, ActorRef receiver, Type message) =>
        Add(elapsed, what, sender?.Path, receiver.Path, message, sender is null ? 0 : HashOf(sender), HashOf(receiver), HashOf(message));

    /// <summary>Adds an event that is no message.</summary>
    /// <param name="elapsed">The simulation's time.</param>
    /// <param name="what">The kind of event: one of a few constant words.</param>
    /// <param name="from">The process.</param>
    /// <param name="to">The other one.</param>
    /// <param name="detail">One of a few constant words.</param>
    public void Add(TimeSpan elapsed, string what, string from, string to, string detail) =>
        Add(elapsed, what, from, to, detail, HashOf(from), HashOf(to), HashOf(detail));

    void Add(TimeSpan elapsed, string what, string? sender, string receiver, object subject, ulong senderHash, ulong receiverHash, ulong subjectHash)
    {
        _tail[_count++ % _tail.Length] = new Entry(elapsed, what, sender, receiver, subject);
        var hash = StableHash.Combine(Hash, (ulong)elapsed.Ticks);
        hash = StableHash.Combine(hash, HashOf(what));
        hash = StableHash.Combine(hash, senderHash);
        hash = StableHash.Combine(hash, receiverHash);
        Hash = StableHash.Combine(hash, subjectHash);
    }

    ulong HashOf(ActorRef actor) => actor is ActorCell cell ? cell.PathHash : HashOf(actor.Path);

    ulong HashOf(string text)
    {
        if (!_paths.TryGetValue(text, out var hash)) _paths.Add(text, hash = StableHash.Of(text));
        return hash;
    }

    ulong HashOf(Type type)
    {
        // Type.ToString names no assembly version, Type.FullName does for generic types.
        if (!_types.TryGetValue(type, out var hash)) _types.Add(type, hash = StableHash.Of(type.ToString()));
        return hash;
    }

    readonly record struct Entry(TimeSpan Elapsed, string What, string? Sender, string Receiver, object Subject)
    {
        public override string ToString() =>
            FormattableString.Invariant($"{Elapsed.TotalSeconds,14:0.000000} s  {What,-8} {Sender ?? "-"} -> {Receiver}  {(Subject is Type type ? type.Name : Subject)}");
    }
}
