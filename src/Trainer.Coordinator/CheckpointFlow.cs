using System.Globalization;
using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The coordinator's part that gets checkpoints written, one at a time, while training goes on.</summary>
/// <remarks>
/// Training does not wait for a snapshot: the request goes out before the next step is applied. Where it comes too late all the same, because it was lost on the way, the weights
/// have moved on; then the next step's snapshot is asked for instead.
/// </remarks>
/// <param name="servers">Who take snapshots.</param>
/// <param name="checkpointer">Who writes them.</param>
/// <param name="recorder">Who is told.</param>
/// <param name="waits">How long they may take.</param>
/// <param name="devices">What the run is computed on.</param>
/// <param name="existing">The checkpoint that this run started from, with what validations had shown when it was written; null for none.</param>
sealed class CheckpointFlow(
    ParameterServerGroup servers, ActorRef checkpointer, ActorRef recorder, WaitLimits waits, DeviceTypes devices, (Step Step, ValidationHistory? Validations)? existing) : IDisposable
{
    readonly SnapshotTaken?[] _parts = new SnapshotTaken?[servers.Count];
    readonly Patience _snapshot = new(waits.Apply);
    readonly Overtime _writing = new(waits.Checkpointer);

    // What will be written next to the snapshot that was asked for.
    (RunPlace Place, IReadOnlyList<Payload<float>?> States)? _asked;

    // When the checkpoint was asked for, of whichever step; and the last step applied.
    TimeSpan _since;
    Step _applied;
    Step? _lastBest;

    // What the checkpoint that is being written says of validations, and the last one that is complete.
    ValidationHistory? _validations, _writtenValidations = existing?.Validations;

    /// <summary>True from asking for a snapshot until the checkpointer has answered.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>True when a snapshot that was asked for cannot be had any more; that of the next step is to be asked for.</summary>
    public bool IsBehind { get; private set; }

    /// <summary>Step of the last checkpoint that is complete on disk; null for none.</summary>
    public Step? LastWritten { get; private set; } = existing?.Step;

    /// <summary>True when the weights after a step, which are the best so far, are on disk, or on their way there as such: they may move on.</summary>
    public bool HasBest(Step step) => _lastBest == step || LastWritten == step;

    /// <summary>
    /// Asks for a checkpoint; while one is being written, when this one is written already and no validation has shown anything since, and while there is nobody who has the weights, it is left out.
    /// </summary>
    /// <param name="place">Where the run stands after the last step applied, before anything else is sent to the parameter servers.</param>
    /// <param name="context">The coordinator's.</param>
    public void Request(in RunPlace place, IActorContext context)
    {
        var step = place.Step;
        if ((IsBusy && !IsBehind) || (LastWritten == step && _writtenValidations == place.Validations) || !servers.IsReady) return;
        if (!IsBusy) _since = context.Elapsed;
        (IsBusy, IsBehind) = (true, false);
        Forget();
        (_asked, _applied) = ((place, place.States.RetainAll()), step);
        _snapshot.Begin(context.Elapsed, servers.TimeToSendAll);
        servers.SendToAll(new TakeSnapshot(step), context);
    }

    /// <summary>A step was applied: a snapshot that has not been taken by now may have been missed.</summary>
    public void Applied(Step step) => _applied = step;

    /// <summary>A parameter server has answered.</summary>
    public void Take(SnapshotTaken snapshot, IActorContext context)
    {
        var server = servers.IndexOf(snapshot.Slice);
        if (_asked is not var (place, states) || snapshot.Step != place.Step || server < 0 || _parts[server] is not null)
        {
            snapshot.Release();
            return;
        }

        _parts[server] = snapshot;
        if (Array.Exists(_parts, part => part is null)) return;
        _asked = null;
        IsBehind = false;
        _snapshot.End();
        _writing.Begin(context.Elapsed);
        if (place.Best == place.Step) _lastBest = place.Step;
        _validations = place.Validations;
        context.Send(checkpointer, new WriteCheckpoint(place.Step, place.Position, [.. _parts.OfType<SnapshotTaken>()], states)
        {
            Devices = devices.ToString(),
            Validations = place.Validations,
            Best = place.Best,
        });
        Array.Clear(_parts);
    }

    /// <summary>The checkpointer has answered.</summary>
    public void Take(CheckpointDone done, IActorContext context)
    {
        IsBusy = false;
        _writing.End();
        (LastWritten, _writtenValidations) = (done.Step, _validations);
        Tell(new CheckpointWritten(done.Step.Value, done.Path, done.Elapsed.TotalSeconds), context);
        if (done.Leftover is not null) Tell(new Noticed($"older checkpoints than that of {done.Step} could not be removed: {done.Leftover}"), context);
    }

    /// <summary>The checkpointer has given up.</summary>
    public void Take(CheckpointFailed failed, IActorContext context)
    {
        IsBusy = false;
        _writing.End();
        Tell(new CheckpointNotWritten(failed.Step.Value, failed.Reason), context);
    }

    /// <summary>Asks again for what has not come, gives up what has not come for too long, and reports a disk that does not answer.</summary>
    /// <returns>True when a checkpoint was given up.</returns>
    public bool Check(IActorContext context)
    {
        var now = context.Elapsed;
        if (_writing.IsDue(now)) Tell(new Noticed($"the checkpoint is still being written after {_writing.Words(now)}; training goes on"), context);
        if (_asked is not { Place.Step: var step }) return false;
        if (now - _since >= _snapshot.Limit(waits.SnapshotInAll))
        {
            Forget();
            (IsBusy, IsBehind) = (false, false);
            Tell(new CheckpointNotWritten(step.Value, string.Create(CultureInfo.InvariantCulture, $"the parameter servers have not handed it over within {(now - _since).TotalSeconds:F1} s")), context);
            return true;
        }

        // Once the weights have moved on nobody can be asked for these again, so copies that are on their way get their time.
        IsBehind = _applied != step && _snapshot.Waited(now) >= waits.Snapshot + servers.TimeToSendAll;
        if (_applied != step || !_snapshot.IsDue(now)) return false;
        for (var server = 0; server < servers.Count; server++)
            if (_parts[server] is null)
                servers.SendTo(server, new TakeSnapshot(step), context);
        return false;
    }

    /// <summary>Gives back what was held for a snapshot.</summary>
    public void Dispose() => Forget();

    void Forget()
    {
        if (_asked is { States: var states })
            foreach (var state in states)
                state?.Release();
        foreach (var part in _parts) part?.Release();
        Array.Clear(_parts);
        _asked = null;
        _snapshot.End();
    }

    void Tell(TrainingEvent happened, IActorContext context) => context.Send(recorder, new Record(happened));
}
