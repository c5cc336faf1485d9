using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Owns the run directory's checkpoints: writes them as transactions, keeps the newest, leaves the result at the end.</summary>
/// <remarks>It is the one actor that waits for a disk. A write that fails is reported and nothing else: training goes on.</remarks>
/// <param name="store">The run's checkpoints.</param>
/// <param name="files">The file system.</param>
/// <param name="run">The run directory.</param>
/// <param name="content">From vectors to tensors.</param>
/// <param name="metadata">Kept in each weights file, so that it can be used on its own.</param>
/// <param name="seed">The job's seed.</param>
/// <param name="keep">Complete checkpoints to keep.</param>
/// <param name="coordinator">Who is told.</param>
/// <param name="term">Its term, which each checkpoint names.</param>
public sealed class Checkpointer(
    CheckpointStore store, IRunFiles files, string run, CheckpointContent content, IReadOnlyDictionary<string, string> metadata,
    ulong seed, int keep, ActorRef coordinator, Term term = default) : IActor, IDisposable
{
    readonly SnapshotAssembly _snapshot = new();

    // The newest checkpoint's weights, to be left as the result.
    (Step Step, string Sha256)? _newest;

    // The best weights so far while the disk refuses them: nothing that names them may be written before.
    WriteCheckpoint? _owed;

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        switch (message)
        {
            case WriteCheckpoint write: context.Send(coordinator, Write(write, context)); break;
            case WriteResult result: context.Send(coordinator, Write(result)); break;
            case FindLastGood find: context.Send(coordinator, Find(find)); break;
            default: return context.Unhandled(message);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Gives back what no disk has taken.</summary>
    public void Dispose() => Forget();

    Message Write(WriteCheckpoint write, IActorContext context)
    {
        var started = context.Elapsed;
        try
        {
            WriteOwed(write.Best);
            Save(write);
            return new CheckpointDone(write.Step, store.PathOf(write.Step.Value), context.Elapsed - started) { Leftover = Prune() };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (write.Best == write.Step) Owe(write);
            return new CheckpointFailed(write.Step, error.Message);
        }
        finally
        {
            if (!ReferenceEquals(write, _owed)) write.Release();
        }
    }

    void Save(WriteCheckpoint write)
    {
        _snapshot.Put(write.Parts);
        var manifest = store.Save(new Checkpoint
        {
            Manifest = new CheckpointManifest
            {
                Step = write.Step.Value,
                WeightVersion = write.Step.After.Value,
                Epoch = write.Position.Epoch,
                Position = write.Position.Offset,
                Seed = seed,
                Term = term.Value,
                Devices = write.Devices,
                Validations = write.Validations,
                BestStep = write.Best?.Value,
            },
            Weights = content.ToTensors(_snapshot.Weights),
            Optimizer = content.OptimizerToTensors(_snapshot.OptimizerState),
            State = content.StateToTensors(write.CarriedState),
            Metadata = metadata,
        });
        _newest = (write.Step, manifest.WeightsSha256);
    }

    /// <summary>Tries once more to write the best weights, if they still are.</summary>
    void WriteOwed(Step? best)
    {
        if (_owed is not { } owed) return;
        if (owed.Step == best) Save(owed);
        Forget();
    }

    /// <summary>Training goes on, and with it the weights: these would be gone.</summary>
    void Owe(WriteCheckpoint write)
    {
        Forget();
        _owed = write;
    }

    void Forget()
    {
        _owed?.Release();
        _owed = null;
    }

    /// <summary>Removes what is too many. The new checkpoint is complete whether or not that succeeds.</summary>
    /// <returns>Null, or why not all of it is gone.</returns>
    string? Prune()
    {
        try
        {
            store.Prune(keep);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
    }

    ResultWritten Write(WriteResult result)
    {
        try
        {
            WriteOwed(result.Best);
            var step = result.Best ?? result.Step;
            if (content.HoldsAverage) return WriteAverage(step);
            if (_newest?.Step != step)
            {
                if (store.Load(step.Value)?.Manifest is not { } manifest) return Missing(step);
                _newest = (step, manifest.WeightsSha256);
            }

            files.Replace(Path.Combine(run, RunDirectory.WeightsFile), target =>
            {
                using var source = files.OpenRead(Path.Combine(store.PathOf(step.Value), RunDirectory.WeightsFile));
                source.CopyTo(target);
            }, Writer);
            return new ResultWritten(_newest.Value.Sha256, null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new ResultWritten(null, error.Message);
        }
    }

    /// <summary>The checkpoint's weights file holds the last weights, so that a run can go on from it; the result is their average.</summary>
    ResultWritten WriteAverage(Step step)
    {
        if (store.Load(step.Value) is not { } checkpoint) return Missing(step);
        var sha256 = "";
        files.Replace(
            Path.Combine(run, RunDirectory.WeightsFile),
            target => sha256 = Safetensors.Write(target, ResultWeights.Of(checkpoint), checkpoint.Metadata), Writer);
        return new ResultWritten(sha256, null);
    }

    static ResultWritten Missing(Step step) => new(null, $"the checkpoint of {step} is missing");

    string Writer => $"t{term.Value}";

    LastGoodCheckpoint Find(FindLastGood find)
    {
        try
        {
            if (find.DivergedFrom is { } step) store.SetAside(step.Value);
            return new LastGoodCheckpoint(store.Newest() is { } newest ? store.PathOf(newest.Manifest.Step) : null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new LastGoodCheckpoint(null, error.Message);
        }
    }
}
