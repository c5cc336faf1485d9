using LstmCluster.Actors;
using LstmCluster.Training;

namespace LstmCluster.Simulation;

/// <summary>Who gives terms to a keeper, and tells a checker which.</summary>
sealed class WatchedReign(IActor reign, RunTerms terms, string process, DirectoryHasOneTerm directory) : IActor
{
    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        var before = Highest();
        var turn = reign.ReceiveAsync(message, context);
        if (before is { } lower && Highest() is { } higher && higher > lower) directory.Begun(process, higher);
        return turn;
    }

    /// <summary>Null where the disk does not say.</summary>
    long? Highest()
    {
        try
        {
            return terms.Highest().Value;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
