using LstmCluster.Actors;

namespace LstmCluster.Cli;

/// <summary>Shows failures of actors with their stack traces (<c>--verbose</c>).</summary>
/// <param name="output">Standard error.</param>
sealed class FailureLog(TextWriter output) : IActorObserver
{
    /// <inheritdoc/>
    public void Failed(ActorRef actor, Exception failure, Directive directive) => output.WriteLine($"{actor.Name} failed, {directive}: {failure}");
}
