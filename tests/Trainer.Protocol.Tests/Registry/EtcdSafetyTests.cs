using LstmCluster.Protocol;
using Conduct = Trainer.Protocol.Tests.FakeEtcd.Conduct;

namespace Trainer.Protocol.Tests;

/// <summary>
/// Several candidates at two endpoints that misbehave at random: at each moment one leader at most believes in itself, and terms grow. Then the endpoints
/// heal, and somebody leads. The failure names the seed. <c>LSTM_CLUSTER_REGISTRY_SEEDS</c> sets how many are tried (10).
/// </summary>
public sealed class EtcdSafetyTests
{
    const int Candidates = 3, Reigns = 8;

    static int Seeds => int.TryParse(Environment.GetEnvironmentVariable("LSTM_CLUSTER_REGISTRY_SEEDS"), out var seeds) ? seeds : 10;

    public static TheoryData<int> Drawn => [.. Enumerable.Range(1, Seeds)];

    [Theory]
    [MemberData(nameof(Drawn))]
    public async Task One_leads_at_a_time_whatever_endpoints_do(int seed)
    {
        var random = new Random(seed);
        await using var rig = new RegistryRig();
        using var stop = new CancellationTokenSource(Waits.Limit);
        var reigns = new List<ILeadership>();
        var campaigns = Enumerable.Range(0, Candidates).Select(index => CampaignAsync(rig.Open("etcd://a:1,b:2/run"), $"candidate-{index}", reigns, stop.Token)).ToList();

        while (Count(reigns) < Reigns)
        {
            stop.Token.ThrowIfCancellationRequested();
            foreach (var port in (int[])[1, 2]) rig.Etcd.Conducts(port, Draw(random));
            if (random.Next(20) == 0) rig.Clock.Jump(TimeSpan.FromMilliseconds(random.Next(4000)));
            for (var steps = random.Next(1, 20); steps > 0; steps--)
            {
                rig.Clock.Advance(TimeSpan.FromMilliseconds(random.Next(120)));
                await Task.Yield();
                Check(reigns, seed);
            }
        }

        rig.Etcd.Conducts(Conduct.Right);
        while (Valid(reigns) == 0)
        {
            stop.Token.ThrowIfCancellationRequested();
            rig.Clock.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Yield();
            Check(reigns, seed);
        }

        await stop.CancelAsync();
        foreach (var campaign in campaigns) await Should.ThrowAsync<OperationCanceledException>(() => campaign);
    }

    /// <summary>Leads whenever it can, until each leadership is lost.</summary>
    static async Task CampaignAsync(IRegistry registry, string name, List<ILeadership> reigns, CancellationToken stop)
    {
        while (true)
        {
            var leadership = await registry.CampaignAsync(RegistryRig.Candidate(name), stop);
            lock (reigns) reigns.Add(leadership);
            await Task.Delay(Timeout.InfiniteTimeSpan, stop).WaitAsync(leadership.Lost).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            stop.ThrowIfCancellationRequested();
        }
    }

    static Conduct Draw(Random random) => random.Next(10) switch
    {
        < 5 => Conduct.Right,
        < 7 => Conduct.LosesAnswer,
        < 8 => Conduct.Silent,
        < 9 => Conduct.Dead,
        _ => Conduct.Says("{}"),
    };

    static void Check(List<ILeadership> reigns, int seed)
    {
        lock (reigns)
        {
            Valid(reigns).ShouldBeLessThanOrEqualTo(1, $"seed {seed}: leaders at once");
            var terms = reigns.Select(reign => reign.Term.Value).ToList();
            terms.Distinct().Count().ShouldBe(terms.Count, $"seed {seed}: a term twice");
        }
    }

    static int Valid(List<ILeadership> reigns)
    {
        lock (reigns) return reigns.Count(reign => reign.IsValid);
    }

    static int Count(List<ILeadership> reigns)
    {
        lock (reigns) return reigns.Count;
    }
}
