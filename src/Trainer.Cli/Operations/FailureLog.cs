using LstmCluster.Actors;

namespace LstmCluster.Cli.Operations;

/// <summary>Shows failures of actors with their stack traces: on standard error with <c>--verbose</c>, and in a structured log always.</summary>
/// <param name="output">Standard error; null for the structured log.</param>
sealed class FailureLog(TextWriter? output) : IActorObserver
{
    /// <summary>What a process is to show of the failures of its actors; null for nothing.</summary>
    /// <param name="verbose">True when a person asked for it.</param>
    public static FailureLog? For(bool verbose) => ProcessLog.Current.IsStructured ? new(null) : verbose ? new(Console.Error) : null;

    /// <inheritdoc/>
    public void Failed(ActorRef actor, Exception failure, Directive directive)
    {
        if (output is null) Logs.ActorFailed(ProcessLog.Current.Logger("LstmCluster.Actors"), failure, actor.Name, directive.ToString());
        else output.WriteLine($"{actor.Name} failed, {directive}: {failure}");
    }
}
