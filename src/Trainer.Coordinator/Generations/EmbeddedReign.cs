using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Gives the terms of a run that nobody else can be coordinator of, since its directory is locked: each is one more than the one before.</summary>
/// <param name="terms">The terms of the run.</param>
/// <param name="first">The term that has begun.</param>
/// <param name="keeper">Who asks.</param>
public sealed class EmbeddedReign(RunTerms terms, Term first, ActorRef keeper) : IActor
{
    Term _own = first;

    /// <summary>The last term that has begun here.</summary>
    public Term Term => _own;

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (message is not BeginTerm) return context.Unhandled(message);
        context.Send(keeper, Next());
        return ValueTask.CompletedTask;
    }

    Message Next()
    {
        try
        {
            // A process of another host that does not heed the lock: the higher term wins here too.
            var highest = terms.Highest();
            if (highest > _own) return new Deposed($"{highest} of the run has begun elsewhere, this process is of {_own}");
            return new TermBegun(_own = terms.BeginNext());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new TermNotBegun(error.Message);
        }
    }
}
