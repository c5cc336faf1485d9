using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>Invariant 4: weights after a step equal those of the undisturbed run, bit for bit; so do losses, norms, and the state that shards carry.</summary>
/// <param name="reference">The undisturbed run.</param>
sealed class SameBits(ReferenceRun reference) : Invariant
{
    public override string Name => "4 weights after each step equal those of an undisturbed run";

    public override void Sends(ActorRef actor, ActorRef target, Message message)
    {
        switch (message)
        {
            case WeightsPublished { Version.Averaged: false } published: Compare(actor, published); break;
            case AssignShards { Round.Kind: WorkKind.Train } assigned when Roles.IsCoordinator(actor): Compare(assigned); break;
        }
    }

    public override void Told(TrainingEvent happened)
    {
        switch (happened)
        {
            case StepCompleted step:
                var expected = reference.Completed(new Step(step.Step));
                if ((step.TrainLoss, step.GradientNorm, step.AppliedNorm, step.Rate, step.Tokens, step.Epoch) != (expected.TrainLoss, expected.GradientNorm, expected.AppliedNorm, expected.Rate, expected.Tokens, expected.Epoch))
                    Violated($"step {step.Step} has loss {step.TrainLoss:R}, norm {step.GradientNorm:R}, applied norm {step.AppliedNorm:R} instead of {expected.TrainLoss:R}, {expected.GradientNorm:R}, {expected.AppliedNorm:R}");
                break;
            case ValidationCompleted validation when Figures(validation) is var found && Figures(reference.Validation(new Step(validation.Step))) is var wanted && found != wanted:
                Violated($"the validation after step {validation.Step} tells {found} instead of {wanted}");
                break;
            case RunFinished finished when finished.Step != reference.Steps:
                Violated($"the run ends after step {finished.Step} instead of {reference.Steps}");
                break;
            case RunFinished finished when finished.WeightsSha256 != reference.WeightsSha256:
                Violated($"the run ends with weights {finished.WeightsSha256} instead of {reference.WeightsSha256}");
                break;
        }
    }

    /// <summary>All that a validation tells but the time that it took.</summary>
    static string? Figures(ValidationCompleted? validation) => (validation is null ? null : validation with { Seconds = 0 })?.ToJson();

    void Compare(ActorRef actor, WeightsPublished published)
    {
        if (reference.After(new Step(published.Version.Value)) is not { } record)
            Violated($"{actor} publishes {published.Version} of a job of {reference.Steps} steps");
        else if (!Bits.AreEqual(published.Weights.Span, record.Weights.Span.Slice(published.Slice.Offset, published.Slice.Length)))
            Violated($"{actor} publishes {published.Version} with other weights than the undisturbed run");
    }

    void Compare(AssignShards assigned)
    {
        if (reference.After(new Step(assigned.Round.Step.Value - 1)) is not { } before)
        {
            Violated($"{assigned.Round} is assigned in a job of {reference.Steps} steps");
            return;
        }

        foreach (var shard in assigned.Shards)
        {
            var expected = before.Position.BeginsPass ? null : before.CarriedState[shard.Shard];
            if (shard.State is null != expected is null || (expected is { } state && !Bits.AreEqual(shard.State!.Span, state.Span)))
                Violated($"shard {shard.Shard} of {assigned.Round} is assigned with another carried state than in the undisturbed run");
        }
    }
}
