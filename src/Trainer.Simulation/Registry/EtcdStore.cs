using LstmCluster.Protocol;

namespace LstmCluster.Simulation;

/// <summary>
/// What most nodes of a simulated etcd agree on, as far as the registry uses it: keys with the revisions that made and changed them, transactions one by one, and leases that run out by etcd's
/// own clock, never before the time that was granted. What is put with a lease goes with it.
/// </summary>
/// <param name="now">etcd's clock.</param>
/// <param name="linger">Draws how much longer than granted a lease is kept.</param>
/// <param name="put">Hears of each key that is put: key, value and lease.</param>
sealed class EtcdStore(Func<TimeSpan> now, Func<TimeSpan> linger, Action<byte[], byte[], long> put)
{
    const int NotFound = 5;

    readonly SortedDictionary<string, EtcdKeyValue> _keys = new(StringComparer.Ordinal);
    readonly SortedDictionary<long, (TimeSpan Ends, long Seconds)> _leases = [];
    long _revision = 1, _lastLease = 100;

    /// <summary>Does what is asked.</summary>
    /// <param name="path">The call.</param>
    /// <param name="body">The request as JSON.</param>
    /// <returns>The answer.</returns>
    public EtcdReply Do(string path, byte[] body)
    {
        EndLeases();
        return path switch
        {
            "/v3/lease/grant" => EtcdReply.Of(Grant(EtcdReply.Read<LeaseGrantRequest>(body).SecondsToLive)),
            "/v3/lease/keepalive" => EtcdReply.Streamed(KeepAlive(EtcdReply.Read<LeaseRequest>(body).Id)),
            SimulatedEtcd.RevokePath => End(EtcdReply.Read<LeaseRequest>(body).Id) ? EtcdReply.Of(new LeaseRevokeAnswer { Header = Header }) : NoLease,
            "/v3/kv/txn" => Transact(EtcdReply.Read<TransactionRequest>(body)),
            _ => throw new InvalidOperationException($"the registry should not call {path}"),
        };
    }

    /// <summary>Another node leads: it knows of no renewal since the last one that all know, and counts each lease from the moment at which it was elected.</summary>
    /// <param name="election">How long it took to elect it, during which no lease ends.</param>
    public void ExtendAll(TimeSpan election)
    {
        EndLeases();
        foreach (var (id, lease) in _leases.ToList()) _leases[id] = (Ends(lease.Seconds) + election, lease.Seconds);
    }

    /// <summary>What a node answers to a renewal that the others know nothing of: the lease lives on there, and nowhere else.</summary>
    /// <returns>Null when there is no such lease.</returns>
    public EtcdReply? Confirm(byte[] body)
    {
        var id = EtcdReply.Read<LeaseRequest>(body).Id;
        return _leases.TryGetValue(id, out var lease) ? EtcdReply.Streamed(new LeaseAnswer { Header = Header, Id = id, SecondsToLive = lease.Seconds }) : null;
    }

    EtcdHeader Header => new() { Revision = _revision };

    static EtcdReply NoLease => EtcdReply.Refused(NotFound, "etcdserver: requested lease not found");

    LeaseAnswer Grant(long seconds)
    {
        _leases[++_lastLease] = (Ends(seconds), seconds);
        return new LeaseAnswer { Header = Header, Id = _lastLease, SecondsToLive = seconds };
    }

    LeaseAnswer KeepAlive(long id)
    {
        if (!_leases.TryGetValue(id, out var lease)) return new LeaseAnswer { Header = Header, Id = id };
        _leases[id] = (Ends(lease.Seconds), lease.Seconds);
        return new LeaseAnswer { Header = Header, Id = id, SecondsToLive = lease.Seconds };
    }

    EtcdReply Transact(TransactionRequest request)
    {
        var succeeded = request.Compare.All(Holds);
        var operations = succeeded ? request.Success : request.Failure;
        if (operations.Any(operation => operation.RequestPut is { Lease: var lease and not 0 } && !_leases.ContainsKey(lease))) return NoLease;
        if (operations.Any(operation => operation.RequestPut is not null)) _revision++;
        List<OperationAnswer> answers = [.. operations.Select(Do)];
        return EtcdReply.Of(new TransactionAnswer { Header = Header, Succeeded = succeeded, Responses = answers });
    }

    bool Holds(EtcdComparison comparison)
    {
        var key = _keys.GetValueOrDefault(Convert.ToHexString(comparison.Key));
        return comparison switch
        {
            { Result: "EQUAL", Target: "CREATE", CreateRevision: { } created } => (key?.CreateRevision ?? 0) == created,
            { Result: "EQUAL", Target: "MOD", ModRevision: { } changed } => (key?.ModRevision ?? 0) == changed,
            _ => throw new InvalidOperationException($"the registry should not compare {comparison.Target} {comparison.Result}"),
        };
    }

    OperationAnswer Do(EtcdOperation operation)
    {
        if (operation.RequestPut is { } request)
        {
            Put(request);
            return new OperationAnswer();
        }

        var found = _keys.GetValueOrDefault(Convert.ToHexString(operation.RequestRange!.Key));
        return new OperationAnswer { ResponseRange = new RangeAnswer { Kvs = found is null ? [] : [found] } };
    }

    void Put(PutRequest request)
    {
        var name = Convert.ToHexString(request.Key);
        _keys[name] = new EtcdKeyValue
        {
            Key = request.Key,
            Value = request.Value,
            Lease = request.Lease,
            CreateRevision = _keys.TryGetValue(name, out var before) ? before.CreateRevision : _revision,
            ModRevision = _revision,
        };
        put(request.Key, request.Value, request.Lease);
    }

    bool End(long lease)
    {
        if (!_leases.Remove(lease)) return false;
        var gone = _keys.Where(pair => pair.Value.Lease == lease).Select(pair => pair.Key).ToList();
        foreach (var key in gone) _keys.Remove(key);
        if (gone.Count > 0) _revision++;
        return true;
    }

    void EndLeases()
    {
        foreach (var lease in _leases.Where(pair => pair.Value.Ends <= now()).Select(pair => pair.Key).ToList()) End(lease);
    }

    TimeSpan Ends(long seconds) => now() + TimeSpan.FromSeconds(seconds) + linger();
}
