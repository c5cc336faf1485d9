using LstmCluster.Actors;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>What workers of one process are told of each other's shards.</summary>
public class HostShardsTests
{
    static readonly ActorRef s_host = new NamedRef("pc"), s_other = new NamedRef("box");
    static readonly ActorRef[] s_slots = [new NamedRef("pc.0"), new NamedRef("pc.1"), new NamedRef("pc.2")];
    static readonly ActorRef s_alone = new NamedRef("box.0"), s_near = new NamedRef("worker-0");

    [Fact]
    public void Workers_of_a_process_know_what_they_compute_together()
    {
        var roster = Roster();
        var spread = roster.Spread([.. Enumerable.Range(0, 10)]);
        var shardsOf = spread.ToDictionary(part => part.Worker, part => part.Shards);
        var (host, shards) = roster.HostShards(spread).ShouldHaveSingleItem("one worker is alone in its process, and one takes its own weights");
        host.ShouldBe(s_host);
        shards.ShouldBe(s_slots.SelectMany(other => shardsOf[other]).Order());
    }

    [Fact]
    public void A_worker_that_gets_shards_by_itself_sums_with_nobody()
    {
        var roster = Roster();
        var spread = roster.Spread([3, 4], preferred: worker => worker == s_slots[1] || worker == s_alone);
        roster.HostShards(spread).ShouldBeEmpty();
    }

    static Roster Roster()
    {
        var roster = new Roster();
        roster.Add(s_slots[0], s_host);
        roster.Add(s_near);
        roster.Add(s_slots[1], s_host);
        roster.Add(s_alone, s_other);
        roster.Add(s_slots[2], s_host);
        return roster;
    }
}
