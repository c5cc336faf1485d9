using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace Trainer.Simulation.Tests;

/// <summary>A checkpoint says that it is of the step that is still to be done.</summary>
sealed class WritesBeforeTheStep : Bug
{
    public override IEnumerable<Message> Send(ActorRef actor, ActorRef target, Message message) =>
        message is WriteCheckpoint { Step.Value: > 0 } write ? [write with { Step = write.Step.Next }] : [message];
}

/// <summary>A checkpoint has the weights of one step and the data position of the next.</summary>
sealed class WritesALaterPosition : Bug
{
    public override IEnumerable<Message> Send(ActorRef actor, ActorRef target, Message message) =>
        message is WriteCheckpoint { Step.Value: > 0 } write ? [write with { Position = write.Position with { Offset = write.Position.Offset + 5 } }] : [message];
}

/// <summary>A checkpoint mixes weights of one step with optimizer state of another.</summary>
sealed class MixesVersions : Bug
{
    float[]? _before;

    public override IEnumerable<Message> Send(ActorRef actor, ActorRef target, Message message)
    {
        if (message is not WriteCheckpoint write) return [message];
        var state = write.Parts[0].OptimizerState[0];
        var before = _before;
        _before = state.Span.ToArray();
        if (before is null || before.Length != state.Length) return [message];
        var mixed = Changed(state, span => before.CopyTo(span));
        return [write with { Parts = [write.Parts[0] with { OptimizerState = [mixed, .. write.Parts[0].OptimizerState.Skip(1)] }, .. write.Parts.Skip(1)] }];
    }
}

/// <summary>A checkpoint that could not be written is reported as written.</summary>
sealed class HidesFailures : Bug
{
    public override IEnumerable<Message> Send(ActorRef actor, ActorRef target, Message message) =>
        message is CheckpointFailed failed ? [new CheckpointDone(failed.Step, "hidden", TimeSpan.Zero)] : [message];
}

/// <summary>Names in directories are not flushed.</summary>
sealed class SkipsFlushes : Bug
{
    public override IRunFiles Wrap(IRunFiles files) => new Files(files);

    sealed class Files(IRunFiles files) : SpoiledFiles(files)
    {
        public override void FlushDirectory(string path)
        {
        }
    }
}

/// <summary>Of too many checkpoints the newest is removed, and not the oldest.</summary>
sealed class PrunesTheNewest : Bug
{
    public override IRunFiles Wrap(IRunFiles files) => new Files(files);

    sealed class Files(IRunFiles files) : SpoiledFiles(files)
    {
        public override void MoveDirectory(string from, string to)
        {
            if (!to.Contains(".old", StringComparison.Ordinal))
            {
                base.MoveDirectory(from, to);
                return;
            }

            var folder = Path.GetDirectoryName(from)!;
            var newest = List(folder).Where(name => name.StartsWith("step-", StringComparison.Ordinal)).Max(StringComparer.Ordinal)!;
            base.MoveDirectory(Path.Combine(folder, newest), to);
        }
    }
}

/// <summary>The term that a coordinator begins leaves no trace, so that the next one begins it too.</summary>
sealed class ForgetsTerms : Bug
{
    public override IRunFiles Wrap(IRunFiles files) => new Files(files);

    sealed class Files(IRunFiles files) : SpoiledFiles(files)
    {
        public override void Write(string path, Action<Stream> write)
        {
            if (!Path.GetFileName(path).StartsWith("term-", StringComparison.Ordinal) || List(Path.GetDirectoryName(path)!).Count == 0) base.Write(path, write);
        }
    }
}

/// <summary>A disk that a bug can change at one place.</summary>
abstract class SpoiledFiles(IRunFiles files) : IRunFiles
{
    public virtual void CreateDirectory(string path) => files.CreateDirectory(path);

    public virtual void Write(string path, Action<Stream> write) => files.Write(path, write);

    public virtual Stream OpenRead(string path) => files.OpenRead(path);

    public virtual void MoveFile(string from, string to) => files.MoveFile(from, to);

    public virtual void MoveDirectory(string from, string to) => files.MoveDirectory(from, to);

    public virtual void FlushDirectory(string path) => files.FlushDirectory(path);

    public virtual IReadOnlyList<string> List(string path) => files.List(path);

    public virtual void Delete(string path) => files.Delete(path);
}
