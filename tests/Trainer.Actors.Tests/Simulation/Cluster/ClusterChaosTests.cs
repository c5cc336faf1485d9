using FsCheck;
using FsCheck.Fluent;
using static LstmCluster.Actors.Tests.ClusterHarness;

namespace LstmCluster.Actors.Tests;

/// <summary>Processes that talk at random while everything happens to them.</summary>
public sealed class ClusterChaosTests
{
    const ulong GoldenHash = 187856548785447835;

    [Fact]
    public void The_same_seed_gives_the_same_trace_and_nothing_leaks() => Check.QuickThrowOnFailure(Prop.ForAll<ulong>(seed =>
    {
        var (hash, leaked, heard) = Run(seed);
        leaked.ShouldBe(0);
        heard.ShouldBeGreaterThan(0);
        return hash == Run(seed).Hash;
    }));

    [Fact]
    public void Another_seed_gives_another_trace() => Enumerable.Range(0, 20).Select(seed => Run((ulong)seed).Hash).Distinct().Count().ShouldBe(20);

    [Fact]
    public void A_trace_is_the_same_in_every_process() =>
        Run(42).Hash.ShouldBe(GoldenHash, "a recorded seed no longer replays: if that is meant, record the new hash");

    /// <summary>Five processes, each with an actor that passes payloads on to any other, for ten seconds of crashes, pauses and cuts.</summary>
    static (ulong Hash, int Leaked, int Heard) Run(ulong seed)
    {
        using var pool = new PayloadPool();
        var runtime = new SimulatedRuntime(seed);
        var cluster = new SimulatedCluster(runtime, new ClusterOptions
        {
            BytesOf = message => message is Loaded loaded ? loaded.Payload.Length * 4 : 10,
            Copy = message => message is Loaded loaded ? new Loaded(loaded.Payload.Retain()) : message,
        })
        {
            Faults = new NetworkFaults
            {
                Loss = 0.05,
                Duplication = 0.05,
                Reordering = 0.1,
                Latency = new LinkLatency { Minimum = Millisecond, Jitter = 5 * Millisecond, SpikeProbability = 0.01, Spike = Second },
            },
        };
        var random = new Random((int)(seed ^ (seed >> 32)));
        var names = Enumerable.Range(0, 5).Select(i => $"p{i}").ToArray();
        var (heard, ending) = (0, false);
        foreach (var name in names) Start(name);
        for (var i = 0; i < 40; i++)
        {
            runtime.RunFor(random.Next(250) * Millisecond);
            var (one, other) = (names[random.Next(5)], names[random.Next(5)]);
            switch (random.Next(6))
            {
                case 0: cluster.Find(one)?.Crash(random.Next(2) == 0); break;
                case 1: cluster.Find(one)?.Pause(); break;
                case 2: cluster.Find(one)?.Resume(); break;
                case 3: cluster.Partition([one], [other], random.Next(4000) * Millisecond); break;
                case 4: cluster.PartitionOneWay([one], [other], random.Next(4000) * Millisecond); break;
                default: cluster.Find(one)?.Stop(); break;
            }
        }

        ending = true;
        var disposed = runtime.DisposeAsync().AsTask();
        disposed.IsCompletedSuccessfully.ShouldBeTrue();
        runtime.Failure.IsCompleted.ShouldBeFalse();
        return (runtime.TraceHash, pool.Rented, heard);

        void Start(string name)
        {
            if (ending) return;
            var peers = new Dictionary<string, ActorRef>();
            var process = cluster.Start(name, new ProcessOptions
            {
                Ended = _ => runtime.After(random.Next(1000) * Millisecond, () => Start(name)),
                BytesPerSecond = 1e6,
                ClockDrift = random.Next(-10, 10) / 100.0,
            });
            process.Spawn("actor", () => new TestActor
            {
                OnStarted = context => context.Schedule(10 * Millisecond, new Go()),
                OnMessage = (message, context) =>
                {
                    heard += message is Loaded ? 1 : 0;
                    message.Release();
                    if (message is Terminated) return;
                    foreach (var (_, peer) in peers.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                    {
                        if (context.Random.Next(10) == 0) context.Watch(peer);
                        if (message is Go) context.Send(peer, new Loaded(pool.Rent<float>(context.Random.Next(2) == 0 ? 1000 : 10)));
                    }

                    if (message is Go) context.Schedule(50 * Millisecond, message);
                },
            });
            foreach (var other in names.Where(other => string.CompareOrdinal(name, other) < 0))
            {
                process.Connect(other, connection => connection.Resolve("/actor", found =>
                {
                    if (found is not null) peers[other] = found;
                }));
            }
        }
    }
}
