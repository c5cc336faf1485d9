using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The coordinator's part that gets the shards of one round after the other computed, whatever becomes of the workers.</summary>
/// <param name="plan">The job's plan.</param>
/// <param name="roster">Who computes.</param>
/// <param name="tell">Tells an event.</param>
/// <param name="overrun">Loses a worker that takes no more messages.</param>
sealed class ShardWork(TrainingPlan plan, Roster roster, Action<TrainingEvent, IActorContext> tell, Action<ActorRef, string, IActorContext> overrun) : IDisposable
{
    readonly SlowShards _slow = new(plan.Waits);
    Func<int, ShardBatch>? _batch;

    /// <summary>The round in work; null between rounds.</summary>
    public RoundProgress? Progress { get; private set; }

    /// <summary>Begins a round, whose shards are assigned by <see cref="AssignUnassigned"/>.</summary>
    /// <param name="round">The round.</param>
    /// <param name="batch">Makes the batch of a shard, each time anew.</param>
    /// <param name="now">The runtime's clock.</param>
    public void Begin(Round round, Func<int, ShardBatch> batch, TimeSpan now)
    {
        (Progress, _batch) = (new RoundProgress(round, plan.Shards, now), batch);
        _slow.Begin(round.Kind);
    }

    /// <summary>The round is complete, its results are taken over.</summary>
    public void End()
    {
        Progress = null;
        _slow.End();
    }

    /// <summary>Assigns what nobody computes: to workers that have nothing to do, or else to all.</summary>
    /// <param name="except">A worker that gets nothing unless it is the only one; null for none.</param>
    /// <param name="context">The coordinator's.</param>
    public void AssignUnassigned(ActorRef? except, IActorContext context)
    {
        if (Progress is not { } progress) return;
        var spread = roster.Spread(progress.Unassigned, except, worker => !progress.IsBusy(worker));
        if (spread.Count == 0) return;
        var together = roster.HostShards(spread);
        var refusing = new List<(ActorRef Worker, string Reason)>();
        foreach (var (worker, shards) in spread)
        {
            TellReissued(shards, worker, context);
            var assignment = progress.Assign(shards, worker, context.Elapsed);
            assignment.HostShards = together.GetValueOrDefault(roster.WeightsOf(worker)) ?? [];
            if (Send(assignment, context) is { } reason) refusing.Add((worker, reason));
        }

        // Only now: losing a worker assigns its shards to others.
        foreach (var (worker, reason) in refusing) overrun(worker, reason, context);
    }

    /// <summary>A worker has answered; the results that count are taken over, the others are given back.</summary>
    public void Take(ShardsDone done, IActorContext context)
    {
        var progress = Progress!;
        foreach (var result in done.Results) progress.Accept(result, done.Attempt);
        if (progress.Close(done.Attempt, context.Elapsed) is { } closed) _slow.Note(closed, context.Elapsed);
    }

    /// <summary>Takes its unfinished shards away from a worker.</summary>
    public IReadOnlyList<int> Abandon(ActorRef worker, string? reason) => Progress?.Abandon(worker, reason ?? "it is gone") ?? [];

    /// <summary>Looks who takes too long: helps them out, asks them again, and in the end loses them.</summary>
    /// <param name="lose">Loses a worker.</param>
    /// <param name="context">The coordinator's.</param>
    public void Check(Action<ActorRef, string, IActorContext> lose, IActorContext context)
    {
        if (Progress is not { IsComputing: true } progress) return;
        var now = context.Elapsed;
        List<SlowWorker> slow = [];
        List<(ActorRef Worker, string Reason)> lost = [];
        foreach (var open in progress.Open)
        {
            var current = open[0];
            if (current.Begun is not { } begun) continue;
            var waited = now - begun;
            if (waited >= plan.ShardTimeout)
            {
                lost.Add((current.Worker, Wait.Words(progress.Round, current, plan.ShardTimeout)));
                continue;
            }

            if (_slow.Limit(current) is { } limit && waited >= limit) slow.Add(new SlowWorker(current.Worker, [.. open], waited));
            if (current.IsRepeated(now, _slow.RepeatAfter) && Send(current, context) is { } full) lost.Add((current.Worker, full));
        }

        if (slow.Count > 0) HelpOut(slow, lost, context);
        foreach (var (worker, reason) in lost) lose(worker, reason, context);
    }

    /// <summary>Gives back what a round that is not finished holds.</summary>
    public void Dispose() => Progress?.Release();

    /// <summary>
    /// Workers that have nothing to do compute as well what slow ones hold: what they work at, and what waits behind it. A shard that somebody else computes, and not slowly, is left to them. All
    /// hold the same bits, and the first answer wins.
    /// </summary>
    /// <param name="slow">Who takes too long.</param>
    /// <param name="lost">Helpers that take no messages are added, with the reason.</param>
    /// <param name="context">The coordinator's.</param>
    void HelpOut(IReadOnlyList<SlowWorker> slow, List<(ActorRef Worker, string Reason)> lost, IActorContext context)
    {
        var progress = Progress!;
        var copies = slow.SelectMany(worker => worker.Shards).CountBy(shard => shard).ToDictionary();
        var idle = new Queue<ActorRef>(roster.Workers.Where(worker => !progress.IsBusy(worker)));
        foreach (var worker in slow)
        {
            var shards = worker.Shards.Where(shard => progress.IsWith(shard, copies[shard])).Distinct().Order().ToList();
            if (shards.Count == 0) continue;
            if (!idle.TryDequeue(out var helper)) return;
            tell(new ShardsHelped(progress.Round.Step.Value, shards, worker.Worker.Name, helper.Name, worker.Waited.TotalSeconds), context);
            if (Send(progress.Assign(shards, helper, context.Elapsed), context) is { } reason) lost.Add((helper, reason));
        }
    }

    /// <returns>Null, or why the worker does not take it.</returns>
    string? Send(Assignment assignment, IActorContext context)
    {
        try
        {
            context.Send(
                assignment.Worker,
                new AssignShards(Progress!.Round, assignment.Attempt, [.. assignment.Shards.Select(_batch!)]) { HostShards = assignment.HostShards, Term = plan.Term });
            return null;
        }
        catch (MailboxFullException full)
        {
            return full.Message;
        }
    }

    void TellReissued(IReadOnlyList<int> shards, ActorRef to, IActorContext context)
    {
        foreach (var lost in shards.GroupBy(shard => Progress!.WhyUnassigned(shard)))
            if (lost.Key is var (from, reason))
                tell(new ShardsReissued(Progress!.Round.Step.Value, [.. lost], from.Name, to.Name, reason), context);
    }

    /// <summary>A worker that takes too long, what it has been asked for, and for how long it has been waited for.</summary>
    sealed record SlowWorker(ActorRef Worker, IReadOnlyList<Assignment> Open, TimeSpan Waited)
    {
        /// <summary>The shards of it that are waited for; one may be there twice.</summary>
        public IEnumerable<int> Shards => Open.SelectMany(assignment => assignment.Open);
    }
}
