using FsCheck;
using FsCheck.Fluent;
using static LstmCluster.Actors.Tests.ClusterHarness;

namespace LstmCluster.Actors.Tests;

/// <summary>What holds between processes whatever happens to them, and that all is well again once it has stopped.</summary>
public sealed class ClusterHealingTests
{
    static readonly string[] Names = ["a", "b", "c", "d"];

    [Fact]
    public void Nothing_is_doubled_or_out_of_line_and_after_the_last_fault_everybody_is_connected_again() =>
        Check.QuickThrowOnFailure(Prop.ForAll<ulong>(Holds));

    static bool Holds(ulong seed)
    {
        var runtime = new SimulatedRuntime(seed);
        var cluster = new SimulatedCluster(runtime)
        {
            Faults = new NetworkFaults { Latency = new LinkLatency { Minimum = Millisecond, Jitter = 10 * Millisecond, SpikeProbability = 0.01, Spike = 5 * Second } },
        };
        var random = new Random((int)(seed ^ (seed >> 32)));
        var last = new Dictionary<(string, NodeId), int>();
        var life = 0;
        foreach (var name in Names) Start(name);
        var cuts = new List<SimulatedPartition>();
        for (var i = 0; i < 30; i++)
        {
            runtime.RunFor(random.Next(1000) * Millisecond);
            var (one, other) = (Names[random.Next(4)], Names[random.Next(4)]);
            switch (random.Next(6))
            {
                case 0: cluster.Find(one)?.Crash(random.Next(2) == 0); break;
                case 1: cluster.Find(one)?.Pause(); break;
                case 2: cluster.Find(one)?.Resume(); break;
                case 3: cuts.Add(cluster.Partition([one], [other])); break;
                case 4: cuts.Add(cluster.PartitionOneWay([one], [other], 3 * Second)); break;
                default: cluster.Find(one)?.Stop(); break;
            }
        }

        foreach (var cut in cuts) cut.Dispose();
        foreach (var process in cluster.Processes) process.Resume();
        cluster.Faults = NetworkFaults.None;
        runtime.RunFor(30 * Second);
        foreach (var process in cluster.Processes) process.Connected.Count().ShouldBe(Names.Length - 1, $"{process} at the end of seed {seed}");
        var delivered = cluster.Statistics.Delivered;
        var lost = cluster.Statistics.Lost + cluster.Statistics.DeadLetters;
        runtime.RunFor(Second);
        cluster.Statistics.Delivered.ShouldBeGreaterThanOrEqualTo(delivered + 200);
        (cluster.Statistics.Lost + cluster.Statistics.DeadLetters).ShouldBe(lost);
        return true;

        void Start(string name)
        {
            var own = $"{name}-{++life}";
            var next = 0;
            var peers = new SortedDictionary<string, ActorRef>(StringComparer.Ordinal);
            var process = cluster.Start(name, new ProcessOptions
            {
                Ended = end =>
                {
                    end.Failure.ShouldBeNull();
                    runtime.After(random.Next(3000) * Millisecond, () => Start(name));
                },
            });
            process.Spawn("actor", () => new TestActor
            {
                OnStarted = context => context.Schedule(50 * Millisecond, new Go()),
                OnMessage = (message, context) =>
                {
                    if (message is Tagged tagged)
                    {
                        last.GetValueOrDefault((tagged.Sender, process.Id), -1).ShouldBeLessThan(tagged.Value);
                        last[(tagged.Sender, process.Id)] = tagged.Value;
                        return;
                    }

                    foreach (var peer in peers.Values) context.Send(peer, new Tagged(own, next));
                    next++;
                    context.Schedule(50 * Millisecond, message);
                },
            }, new ActorOptions { Supervision = Supervision.EscalateOnFailure });
            foreach (var other in Names.Where(other => other != name))
                process.Connect(other, connection => connection.Resolve("/actor", found => { if (found is not null) peers[other] = found; }));
        }
    }
}
