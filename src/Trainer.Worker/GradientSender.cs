using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Sends the pieces of a worker's gradients where they are summed: to the parameter server that keeps them, or first to whoever sums within the process.</summary>
/// <param name="length">Elements of a gradient vector.</param>
/// <param name="precision">What gradients are rounded to.</param>
/// <param name="run">Who sums.</param>
/// <param name="isApart">True when every parameter server is in another process.</param>
/// <param name="combiner">Who sums within the process; null for nobody.</param>
/// <param name="pool">Where the 16-bit forms are rented that are sent to other processes.</param>
sealed class GradientSender(int length, GradientPrecision precision, RunContact run, bool isApart, ActorRef? combiner, PayloadPool pool)
{
    readonly GradientRoutes _routes = new(length, run.ParameterServers, isApart, precision);
    AssignShards _assignment = null!;
    IActorContext _context = null!;
    Action<GradientPiece>? _send;

    /// <summary>What a gradient vector is cut into.</summary>
    public ParameterRange[] Pieces => _routes.Pieces;

    /// <summary>Begins to send the gradients of an assignment.</summary>
    /// <returns>What takes each piece.</returns>
    public Action<GradientPiece> Begin(AssignShards assignment, IActorContext context)
    {
        (_assignment, _context) = (assignment, context);
        return _send ??= Send;
    }

    void Send(GradientPiece piece)
    {
        var push = new PushGradient(_context.Self, _assignment.Round.Step, _assignment.Attempt, piece.Node, piece.Slice, piece.Gradient) { Term = run.Term };
        if (combiner is not null && _assignment.HostShards.Count > _assignment.Shards.Count)
            _context.Send(combiner, new CombineGradient(push, _assignment.HostShards));
        else
            _routes.Send(push, pool, _context);
    }
}
