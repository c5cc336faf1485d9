using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Simulation;

/// <summary>Invariant 3: at most one coordinator's term is accepted at a time, and terms never go back.</summary>
/// <remarks>
/// An actor acts on what was said in one term only. What a process says never goes back in its term, and no coordinator begins in a term that is not higher
/// than those before. Whether the run's directory is changed by an old one is seen by <see cref="DirectoryHasOneTerm"/>.
/// </remarks>
sealed class OneTerm : Invariant
{
    readonly Dictionary<ActorRef, Term> _accepted = [];
    readonly Dictionary<string, Term> _said = new(StringComparer.Ordinal);
    readonly Dictionary<ActorRef, Term> _coordinators = [];
    Term _highest;

    public override string Name => "3 one term is accepted at a time, and terms never go back";

    public override void Handled(ActorRef actor, Message message, bool refused)
    {
        // Who asks for the job does not know the term; what ends a run that a process has no part in yet is of whichever.
        if (refused || message is not ClusterMessage { Term: var term } || message is AskForJob or RunEnded or ReceiverOverrun) return;
        if (_accepted.TryGetValue(actor, out var own) && own != term) Violated($"{actor} acts on {message.GetType().Name} of {term} after it has acted on what was said in {own}");
        _accepted[actor] = term;
    }

    public override void Sends(ActorRef actor, ActorRef target, Message message)
    {
        if (message is not ClusterMessage { Term: var term } || term == default) return;
        var process = Roles.ProcessOf(actor);
        if (_said.TryGetValue(process, out var before) && term < before) Violated($"{actor} says {message.GetType().Name} of {term} after its process has spoken in {before}");
        if (!_said.TryGetValue(process, out before) || before < term) _said[process] = term;

        // Who stands in a coordinator's place to say that the run has failed says nothing but that, in the last term.
        if (!Roles.IsCoordinator(actor) || message is RunEnded) return;
        if (!_coordinators.TryAdd(actor, term))
        {
            if (_coordinators[actor] != term) Violated($"{actor} speaks in {term} after {_coordinators[actor]}");
        }
        else if (term <= _highest)
        {
            Violated($"a coordinator begins in {term} after {_highest}");
        }

        if (term > _highest) _highest = term;
    }
}
