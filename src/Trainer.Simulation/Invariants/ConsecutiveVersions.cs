using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>Invariant 2: weight versions are consecutive, and none is published before its step is complete.</summary>
/// <remarks>
/// A step is complete when its coordinator has heard a result of every shard and the sum of every parameter server. Before that it may not be applied; and without
/// having been applied it may not be published.
/// </remarks>
/// <param name="reference">The undisturbed run.</param>
sealed class ConsecutiveVersions(ReferenceRun reference) : Invariant
{
    readonly Dictionary<ActorRef, WeightVersion> _published = [];
    readonly Dictionary<(Term Term, Step Step), Progress> _steps = [];
    readonly Dictionary<ActorRef, long> _completed = [];
    readonly int _length = reference.Job.Model.Parameters.Length, _shards = reference.Job.Job.Training.Shards;

    public override string Name => "2 versions are consecutive, and none is published before its step is complete";

    public override void Hears(ActorRef actor, Message message)
    {
        // Before the turn, since what follows from it is said within it. What a coordinator refuses is of another term, and counts for that one.
        if (!Roles.IsCoordinator(actor)) return;
        switch (message)
        {
            case GradientSummed summed: Of(summed.Term, summed.Step).Summed.Add(summed.Slice); break;
            case ShardsDone { Round.Kind: WorkKind.Train } done: Of(done.Term, done.Round.Step).Shards.UnionWith(done.Results.Select(result => result.Shard)); break;
        }
    }

    public override void Sends(ActorRef actor, ActorRef target, Message message)
    {
        switch (message)
        {
            case ApplyStep apply when Roles.IsCoordinator(actor): Apply(apply); break;
            case WeightsPublished { Version.Averaged: false } published when Roles.IsParameterServer(actor): Publish(actor, published); break;
            case Record { Event: StepCompleted step } when Roles.IsCoordinator(actor): Complete(actor, step); break;
        }
    }

    void Apply(ApplyStep apply)
    {
        var progress = Of(apply.Term, apply.Step);
        progress.IsApplied = true;
        var summed = progress.Summed.Sum(slice => slice.Length);
        if (summed != _length) Violated($"{apply.Step} is applied in {apply.Term} though only {summed} of {_length} parameters are summed");
        if (progress.Shards.Count != _shards) Violated($"{apply.Step} is applied in {apply.Term} though only {progress.Shards.Count} of {_shards} shards have a result");
    }

    void Publish(ActorRef server, WeightsPublished published)
    {
        var version = published.Version;

        // The first one is what it has started from.
        if (_published.TryGetValue(server, out var before) && version != before)
        {
            if (version.Value != before.Value + 1) Violated($"{server} publishes {version} after {before}");
            if (!Of(published.Term, new Step(version.Value)).IsApplied) Violated($"{server} publishes {version} in {published.Term} before its step is complete");
        }

        _published[server] = version;
    }

    void Complete(ActorRef coordinator, StepCompleted step)
    {
        if (_completed.TryGetValue(coordinator, out var before) && step.Step != before + 1) Violated($"{coordinator} tells step {step.Step} after step {before}");
        _completed[coordinator] = step.Step;
    }

    Progress Of(Term term, Step step)
    {
        if (!_steps.TryGetValue((term, step), out var progress)) _steps.Add((term, step), progress = new Progress());
        return progress;
    }

    sealed class Progress
    {
        public HashSet<ParameterRange> Summed { get; } = [];

        public HashSet<int> Shards { get; } = [];

        public bool IsApplied { get; set; }
    }
}
