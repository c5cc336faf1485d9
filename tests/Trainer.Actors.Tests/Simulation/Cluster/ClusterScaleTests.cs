using static LstmCluster.Actors.Tests.ClusterHarness;

namespace LstmCluster.Actors.Tests;

public sealed class ClusterScaleTests
{
    [Fact]
    public void A_message_costs_no_more_for_there_being_many_processes()
    {
        var (few, many) = (BytesForAMessage(20), BytesForAMessage(1000));
        many.ShouldBeLessThan(1.5 * few);
        few.ShouldBeLessThan(500);
    }

    /// <summary>Allocated bytes for each of the messages that processes exchange with one of them.</summary>
    static double BytesForAMessage(int processes)
    {
        var runtime = new SimulatedRuntime(1);
        var cluster = new SimulatedCluster(runtime) { Faults = new NetworkFaults { Latency = new LinkLatency { Minimum = Millisecond, Jitter = Millisecond } } };
        var hub = cluster.Start("hub").Spawn("echo", () => new TestActor { OnMessage = (message, context) => context.Send(((Introduce)message).Actor, message) });
        for (var i = 0; i < processes; i++)
        {
            var process = cluster.Start($"p{i}");
            process.Connect("hub", connection => connection.Resolve("/echo", _ => process.Spawn("ping", () => new TestActor
            {
                OnStarted = context => context.Send(hub, new Introduce(context.Self)),
                OnMessage = (message, context) => context.Send(hub, message),
            })));
        }

        runtime.RunFor(Second / 10);
        var (allocated, delivered) = (GC.GetAllocatedBytesForCurrentThread(), cluster.Statistics.Delivered);
        runtime.RunFor(Second * 20 / processes);
        delivered = cluster.Statistics.Delivered - delivered;
        delivered.ShouldBeGreaterThan(5000);
        return (double)(GC.GetAllocatedBytesForCurrentThread() - allocated) / delivered;
    }
}
