using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

/// <summary>
/// Registries over <see cref="FakeEtcd"/> with its clock. Jitter is always the shortest, so that the waits between requests (187 ms between looks, 375 ms between
/// renewals, 37, 75, 150 ms after failures) differ from the limits of requests (500 ms for a look or a renewal, 1,500 ms for a change) and from the lease (3 s, believed for 2.7 s).
/// </summary>
sealed class RegistryRig : IAsyncDisposable
{
    public const double Look = 187, Renewal = 375, FirstRetry = 37, SecondRetry = 75, ThirdRetry = 150;

    public const string CoordinatorKey = "lstm-cluster/run/coordinator", TermKey = "lstm-cluster/run/term";

    readonly List<IRegistry> _registries = [];

    public RegistryRig() => Etcd = new FakeEtcd(Clock);

    public ManualClock Clock { get; } = new();

    public FakeEtcd Etcd { get; }

    public List<string> Log { get; } = [];

    public Term Known { get; set; }

    public IRegistry Open(string address = "etcd://a:1/run")
    {
        var registry = RegistryAddress.Parse("--registry", address).Open(Options);
        _registries.Add(registry);
        return registry;
    }

    public RegistryOptions Options => new()
    {
        TimeProvider = Clock,
        Handler = Etcd,
        Draw = () => 0,
        HighestTermKnown = () => Known,
        Log = line =>
        {
            lock (Log) Log.Add(line);
        },
    };

    public Task<ILeadership> LeadAsync(string name = "alice") => Open().CampaignAsync(Candidate(name)).Soon();

    public static Candidate Candidate(string name) => new(name, $"{name}:4242");

    public async ValueTask DisposeAsync()
    {
        Etcd.Conducts(FakeEtcd.Conduct.Right);
        var closing = Task.WhenAll(_registries.Select(registry => registry.DisposeAsync().AsTask()));

        // A request that was sent while nobody answered has to reach its limit.
        while (!closing.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        await closing;
    }
}
