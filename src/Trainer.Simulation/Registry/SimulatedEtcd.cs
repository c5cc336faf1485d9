using System.Text.Json;
using LstmCluster.Protocol;

namespace LstmCluster.Simulation;

/// <summary>
/// Three nodes of etcd on machines of their own, which stop and are cut off from each other and from the processes of the run. Production's own client asks them
/// (<see cref="RegistryAccess"/>); what they agree on is in <see cref="EtcdStore"/>.
/// </summary>
/// <remarks>
/// A request may be lost, or done while its answer is lost; one that comes late is done late, whether somebody still waits for it or not. A node that is cut off from the other two confirms that a lease
/// lives, as an etcd leader that does not know yet that it is none does, until its election timeout tells it, and answers nothing else. The leader that the others elect counts every lease from anew.
/// </remarks>
sealed class SimulatedEtcd
{
    /// <summary>The call that gives a lease back.</summary>
    public const string RevokePath = "/v3/lease/revoke";

    const int Unavailable = 14;

    /// <summary>Names of the machines.</summary>
    public static readonly IReadOnlyList<string> Nodes = ["etcd-1", "etcd-2", "etcd-3"];

    /// <summary>What is lost on the way is sent again after this time, as TCP does.</summary>
    static readonly TimeSpan s_resend = TimeSpan.FromSeconds(1);

    /// <summary>After so long without the others a leader knows that it is none: etcd's default.</summary>
    static readonly TimeSpan s_electionTimeout = TimeSpan.FromSeconds(1);

    readonly World _world;
    readonly Dice _dice;
    readonly EtcdStore _store;
    readonly Dictionary<string, long> _leases = new(StringComparer.Ordinal);
    readonly Dictionary<string, TimeSpan> _isolated = new(StringComparer.Ordinal);
    readonly Dictionary<string, EtcdHealth> _health = Nodes.ToDictionary(node => node, _ => EtcdHealth.Well, StringComparer.Ordinal);

    /// <param name="world">What all share.</param>
    /// <param name="elected">Hears of each coordinator that is elected, and of each further term of one, at that moment.</param>
    public SimulatedEtcd(World world, Action<CoordinatorRecord> elected)
    {
        (_world, _dice) = (world, new Dice(world.Options.Seed, "etcd"));
        var pace = 1 + (_dice.Between(-1, 1) * world.Plan.LargestDrift);
        _store = new EtcdStore(() => world.Runtime.Elapsed * pace, () => _dice.Happens(0.5) ? TimeSpan.Zero : _dice.Span(0.001, 0.5), (key, value, lease) =>
        {
            if (lease == 0 || JsonSerializer.Deserialize<RecordForm>(value, EtcdJson.Options) is not { } form) return;
            _leases[form.Name] = lease;
            elected(new CoordinatorRecord(new Term(form.Term), form.Name, form.Endpoint));
        });
    }

    /// <summary>Where the nodes are, as a command line would say it.</summary>
    public static EtcdAddress Address { get; } = new([.. Nodes.Select(node => $"{node}:2379")], "run");

    /// <summary>How a node is from now on.</summary>
    public void Become(string node, EtcdHealth health)
    {
        _health[node] = health;
        if (health != EtcdHealth.Isolated) return;
        _isolated[node] = _world.Runtime.Elapsed;
        _store.ExtendAll(s_electionTimeout);
    }

    /// <summary>All is well from now on.</summary>
    public void Heal()
    {
        foreach (var node in Nodes) Become(node, EtcdHealth.Well);
    }

    /// <summary>A process that was elected gives its lease back as it ends, if the request arrives.</summary>
    /// <param name="from">Name of the process.</param>
    /// <param name="candidate">What it was elected as.</param>
    public void Revoke(string from, string candidate)
    {
        if (_leases.Remove(candidate, out var lease))
            Send(from, Nodes[_dice.Choose(Nodes.Count)], RevokePath, JsonSerializer.SerializeToUtf8Bytes(new LeaseRequest(lease), EtcdJson.Options), _ => { });
    }

    /// <summary>A request leaves a process.</summary>
    /// <param name="from">Name of the process.</param>
    /// <param name="node">Where to.</param>
    /// <param name="path">The call.</param>
    /// <param name="body">The request as JSON.</param>
    /// <param name="answer">Gets the answer when it is back; null when the node's machine refuses the connection. Not called when it is lost.</param>
    public void Send(string from, string node, string path, byte[] body, Action<EtcdReply?> answer)
    {
        if (_world.Cluster.Passes(from, node) && !_dice.Happens(_world.Cluster.Faults.Loss)) _world.Runtime.After(Latency(), () => Arrive(from, node, path, body, answer));
        else if (_dice.Happens(0.7)) _world.Runtime.After(s_resend, () => Send(from, node, path, body, answer));
    }

    void Arrive(string from, string node, string path, byte[] body, Action<EtcdReply?> answer)
    {
        var (reply, isSilent) = Do(node, path, body);
        if (isSilent) return;
        if (_world.Cluster.Passes(node, from) && !_dice.Happens(_world.Cluster.Faults.Loss)) _world.Runtime.After(Latency(), () => answer(reply));
        else if (_dice.Happens(0.5)) _world.Runtime.After(s_resend, () => answer(reply));
    }

    (EtcdReply? Reply, bool IsSilent) Do(string node, string path, byte[] body)
    {
        var health = _health[node];
        if (health == EtcdHealth.Stopped) return (null, false);
        if (health == EtcdHealth.Isolated && path == "/v3/lease/keepalive" && _world.Runtime.Elapsed - _isolated[node] < s_electionTimeout && _store.Confirm(body) is { } confirmed) return (confirmed, false);
        if (health == EtcdHealth.Well && _health.Values.Count(other => other == EtcdHealth.Well) > Nodes.Count / 2) return (_store.Do(path, body), false);
        return (EtcdReply.Refused(Unavailable, "etcdserver: no leader"), _dice.Happens(0.5));
    }

    TimeSpan Latency()
    {
        var latency = _world.Cluster.Faults.Latency;
        var delay = latency.Minimum + (latency.Jitter * _dice.Between(0, 1));
        return _dice.Happens(latency.SpikeProbability) ? delay + (latency.Spike * _dice.Between(0, 1)) : delay;
    }
}

/// <summary>How a node of etcd is.</summary>
enum EtcdHealth
{
    /// <summary>It takes part.</summary>
    Well,

    /// <summary>Its process is not there.</summary>
    Stopped,

    /// <summary>It is cut off from the other nodes.</summary>
    Isolated,
}
