using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Simulation.Tests;

/// <summary>
/// What was said to an actor in one term reaches the one that lives in its place in a later term, as it would if an address were a name. This is no defect yet: whoever hears it
/// has to refuse it.
/// </summary>
class BringsOldMessages : Bug
{
    readonly Dictionary<string, ClusterMessage> _last = new(StringComparer.Ordinal);

    /// <summary>How often an old message was brought.</summary>
    public int Brought { get; private set; }

    public override IEnumerable<Message> Hear(ActorRef actor, Message message)
    {
        // Those without payloads, of which there may be another one.
        if (message is not (ReportSum or GradientMissing or AskForWeights or WorkerJoined or Welcome)) return [message];
        var said = (ClusterMessage)message;
        var old = _last.GetValueOrDefault(actor.Path);
        _last[actor.Path] = said;
        if (old is null || old.Term >= said.Term) return [message];
        Brought++;
        return [message, old];
    }
}

/// <summary>Actors take what was said in an earlier term for what is said in theirs.</summary>
sealed class ActsOnOldTerms : BringsOldMessages
{
    public override IActor Make(string name, IActor actor) => new Unfenced(actor);

    sealed class Unfenced(IActor actor) : IActor, IDisposable
    {
        Term _own;

        public ValueTask StartedAsync(IActorContext context) => actor.StartedAsync(context);

        public ValueTask ReceiveAsync(Message message, IActorContext context)
        {
            if (message is not ClusterMessage { Term.Value: > 0 } said) return actor.ReceiveAsync(message, context);
            if (_own == default) _own = said.Term;
            return actor.ReceiveAsync(said.Term < _own ? said with { Term = _own } : said, context);
        }

        public void Dispose() => (actor as IDisposable)?.Dispose();
    }
}

/// <summary>A coordinator that is deposed hears nothing of it and asks nobody before it writes.</summary>
sealed class GoesOnDeposed : Bug
{
    public override IEnumerable<Message> Hear(ActorRef actor, Message message) => message is Deposed ? [] : [message];

    public override Func<string?> Lost(Func<string?> lost) => () => null;

    public override IRunFiles Wrap(IRunFiles files) => new Files(files);

    /// <summary>The run's directory, without the terms that others have begun since.</summary>
    sealed class Files(IRunFiles files) : SpoiledFiles(files)
    {
        const string Prefix = "term-";
        long? _own;

        public override void Write(string path, Action<Stream> write)
        {
            _own = TermOf(Path.GetFileName(path)) ?? _own;
            base.Write(path, write);
        }

        public override IReadOnlyList<string> List(string path) => [.. base.List(path).Where(name => _own is null || (TermOf(name) ?? 0) <= _own)];

        static long? TermOf(string name) =>
            name.StartsWith(Prefix, StringComparison.Ordinal) ? long.Parse(name.AsSpan(Prefix.Length), System.Globalization.CultureInfo.InvariantCulture) : null;
    }
}

/// <summary>Who holds a lease counts it with a clock that goes at half the pace.</summary>
sealed class BelievesTooLong : Bug
{
    public override TimeProvider Clock(TimeProvider clock) => new Slow(clock);

    sealed class Slow(TimeProvider clock) : TimeProvider
    {
        public override long TimestampFrequency => clock.TimestampFrequency;

        public override long GetTimestamp() => clock.GetTimestamp() / 2;

        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => clock.CreateTimer(callback, state, dueTime, period);
    }
}
