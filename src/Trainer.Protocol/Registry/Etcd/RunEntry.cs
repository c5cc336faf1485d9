using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LstmCluster.Protocol;

/// <summary>
/// What etcd holds of a run, in two keys: <c>lstm-cluster/NAME/coordinator</c>, which exists while somebody leads, belongs to the leader's lease and says who that is,
/// and <c>lstm-cluster/NAME/term</c>, the highest term so far, which stays, and how
/// the run ended, where its last leader has left word of that: the next one writes a higher term over both.
/// <para>Why terms grow and one leads at a time: an election is one transaction that needs the coordinator's key to be absent and the term's key to be as
/// it was read, and writes both, the latter higher. etcd does transactions one by one, so of two candidates that read the same, one fails.</para>
/// </summary>
sealed class RunEntry(EtcdGateway gateway, string name)
{
    readonly byte[] _coordinatorKey = Encoding.UTF8.GetBytes($"lstm-cluster/{name}/coordinator");
    readonly byte[] _termKey = Encoding.UTF8.GetBytes($"lstm-cluster/{name}/term");

    /// <summary>Reads the entry as most of etcd's nodes have it, never an old state of a node that is cut off.</summary>
    public async Task<RunState> ReadAsync(TimeSpan limit, CancellationToken stop)
    {
        var request = new TransactionRequest([], ReadBoth, []);
        return StateOf(await gateway.AskAsync<TransactionAnswer>("kv/txn", request, HasBoth, limit, stop).ConfigureAwait(false));
    }

    /// <summary>Takes the lead if nobody has it, or begins another term as the leader.</summary>
    /// <param name="state">As it was read.</param>
    /// <param name="record">Who leads from now on, with a term higher than that of the state.</param>
    /// <param name="lease">What the lead ends with.</param>
    /// <param name="limit">For one endpoint's answer.</param>
    /// <param name="stop">Gives up; it may have been done all the same.</param>
    /// <returns>Null when it is done; how things are when they were not as in <paramref name="state"/>.</returns>
    public async Task<RunState?> LeadAsync(RunState state, CoordinatorRecord record, long lease, TimeSpan limit, CancellationToken stop)
    {
        var request = new TransactionRequest(
            [EtcdComparison.CreatedAt(_coordinatorKey, state.Coordinator?.CreateRevision ?? 0), EtcdComparison.ChangedAt(_termKey, state.TermKey?.ModRevision ?? 0)],
            [
                EtcdOperation.Put(_coordinatorKey, JsonSerializer.SerializeToUtf8Bytes(new RecordForm(record.Term.Value, record.Name, record.Endpoint), EtcdJson.Options), lease),
                EtcdOperation.Put(_termKey, Encoding.UTF8.GetBytes(record.Term.Value.ToString(CultureInfo.InvariantCulture))),
            ],
            ReadBoth);
        var answer = await gateway.AskAsync<TransactionAnswer>("kv/txn", request, answer => answer.Succeeded || HasBoth(answer), limit, stop).ConfigureAwait(false);
        return answer.Succeeded ? null : StateOf(answer);
    }

    /// <summary>Leaves word, as the leader, of how the run ended.</summary>
    /// <param name="state">As it was read; somebody leads.</param>
    /// <param name="ending">How.</param>
    /// <param name="limit">For one endpoint's answer.</param>
    /// <param name="stop">Gives up; it may have been done all the same.</param>
    /// <returns>Null when it is done; how things are when they were not as in <paramref name="state"/>.</returns>
    public async Task<RunState?> EndAsync(RunState state, RunEnding ending, TimeSpan limit, CancellationToken stop)
    {
        var form = JsonSerializer.Serialize(new EndingForm(ending.How, ending.Failed), EtcdJson.Options);
        var request = new TransactionRequest(
            [EtcdComparison.CreatedAt(_coordinatorKey, state.Coordinator!.CreateRevision), EtcdComparison.ChangedAt(_termKey, state.TermKey?.ModRevision ?? 0)],
            [EtcdOperation.Put(_termKey, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{ending.Term.Value} {form}")))],
            ReadBoth);
        var answer = await gateway.AskAsync<TransactionAnswer>("kv/txn", request, answer => answer.Succeeded || HasBoth(answer), limit, stop).ConfigureAwait(false);
        return answer.Succeeded ? null : StateOf(answer);
    }

    EtcdOperation[] ReadBoth => [EtcdOperation.Read(_coordinatorKey), EtcdOperation.Read(_termKey)];

    bool HasBoth(TransactionAnswer answer) =>
        answer.Responses is [{ ResponseRange: { } coordinator }, { ResponseRange: { } term }] && IsOf(coordinator, _coordinatorKey) && IsOf(term, _termKey);

    static bool IsOf(RangeAnswer answer, byte[] key) => answer.Kvs is [] || (answer.Kvs is [var only] && only.Key.AsSpan().SequenceEqual(key));

    RunState StateOf(TransactionAnswer answer) =>
        new(name, answer.Responses[0].ResponseRange!.Kvs.SingleOrDefault(), answer.Responses[1].ResponseRange!.Kvs.SingleOrDefault());
}
