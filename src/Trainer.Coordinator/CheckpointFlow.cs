using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The coordinator's part that gets checkpoints written, one at a time, while training goes on.</summary>
/// <param name="parameterServer">Who takes snapshots.</param>
/// <param name="checkpointer">Who writes them.</param>
/// <param name="recorder">Who is told.</param>
/// <param name="existing">Step of the checkpoint that this run started from; null for none.</param>
sealed class CheckpointFlow(ActorRef parameterServer, ActorRef checkpointer, ActorRef recorder, Step? existing) : IDisposable
{
    // What will be written next to the snapshot that was asked for.
    (Step Step, DataPosition Position, IReadOnlyList<Payload<float>?> States)? _asked;

    /// <summary>True from asking for a snapshot until the checkpointer has answered.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Step of the last checkpoint that is complete on disk; null for none.</summary>
    public Step? LastWritten { get; private set; } = existing;

    /// <summary>Asks for a checkpoint; while one is being written, and when this one is written already, it is left out.</summary>
    /// <param name="step">The last step applied, before anything else is sent to the parameter server.</param>
    /// <param name="position">Where the data stand after it.</param>
    /// <param name="states">Carried state after it.</param>
    /// <param name="context">The coordinator's.</param>
    public void Request(Step step, DataPosition position, CarriedStates states, IActorContext context)
    {
        if (IsBusy || LastWritten == step) return;
        IsBusy = true;
        _asked = (step, position, states.RetainAll());
        context.Send(parameterServer, new TakeSnapshot(step));
    }

    /// <summary>The parameter server has answered.</summary>
    public void Take(SnapshotTaken snapshot, IActorContext context)
    {
        var (step, position, states) = _asked ?? throw new InvalidOperationException($"a snapshot after {snapshot.Step} came unasked");
        _asked = null;
        context.Send(checkpointer, new WriteCheckpoint(step, position, snapshot, states));
    }

    /// <summary>The checkpointer has answered.</summary>
    public void Take(CheckpointDone done, IActorContext context)
    {
        IsBusy = false;
        LastWritten = done.Step;
        context.Send(recorder, new Record(new CheckpointWritten(done.Step.Value, done.Path, done.Elapsed.TotalSeconds)));
        if (done.Leftover is not null)
            context.Send(recorder, new Record(new Noticed($"older checkpoints than that of {done.Step} could not be removed: {done.Leftover}")));
    }

    /// <summary>The checkpointer has given up.</summary>
    public void Take(CheckpointFailed failed, IActorContext context)
    {
        IsBusy = false;
        context.Send(recorder, new Record(new CheckpointNotWritten(failed.Step.Value, failed.Reason)));
    }

    /// <summary>Gives back what was held for a snapshot.</summary>
    public void Dispose()
    {
        if (_asked is not { } asked) return;
        foreach (var state in asked.States) state?.Release();
    }
}
