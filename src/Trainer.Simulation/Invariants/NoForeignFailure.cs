using LstmCluster.Actors;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>No actor fails but for what the simulation does to it, and no run but for what nothing helps against.</summary>
sealed class NoForeignFailure : Invariant, IActorObserver
{
    // A checkpoint that the disk has not taken.
    long? _notWritten;

    public override string Name => "no actor fails for a reason that is no fault of the simulation";

    /// <inheritdoc/>
    public void Failed(ActorRef actor, Exception failure, Directive directive)
    {
        if (failure is not (GenerationLostException or DeposedException)) Violated($"{actor} failed with {failure.GetType().Name}: {failure.Message}\n{failure.StackTrace}");
    }

    public override void Told(TrainingEvent happened)
    {
        switch (happened)
        {
            case CheckpointNotWritten failed when IsInjected(failed.Reason): _notWritten = failed.Step; break;
            case RunFailed failed when !IsHelpless(failed): Violated($"the run failed at step {failed.Step}: {failed.Reason}"); break;
            case GradientRefused refused: Violated($"a gradient of {refused.Worker} was refused: {refused.Reason}"); break;
        }
    }

    /// <summary>A run that is torn down again and again before it can do a step may give up, and so may one whose result no disk takes: whoever keeps processes going starts it again.</summary>
    bool IsHelpless(RunFailed failed) =>
        failed.Reason.Contains("times in a row", StringComparison.Ordinal)
        || (failed.Reason.StartsWith("the result could not be written", StringComparison.Ordinal) && (IsInjected(failed.Reason) || _notWritten == failed.Step));

    static bool IsInjected(string reason) => reason.Contains(FaultDriver.DiskFull, StringComparison.Ordinal) || reason.Contains(FaultDriver.DiskBroken, StringComparison.Ordinal);
}
