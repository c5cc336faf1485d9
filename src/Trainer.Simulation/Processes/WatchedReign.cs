using LstmCluster.Actors;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>Who gives terms to a keeper, and tells a checker which.</summary>
sealed class WatchedReign(EmbeddedReign reign, string process, DirectoryHasOneTerm directory) : IActor
{
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        // One whose name did not reach the disk for certain has not begun: after a loss of power it may begin again.
        var before = reign.Term;
        var turn = reign.ReceiveAsync(message, context);
        if (reign.Term != before) directory.Begun(process, reign.Term.Value);
        return turn;
    }
}
