using LstmCluster.Actors;

namespace LstmCluster.Training;

/// <summary>How requests are sent that are repeated until they are answered.</summary>
public static class Repeating
{
    /// <summary>Sends a request; one that finds no room is as good as lost, and will be repeated.</summary>
    public static void SendOrLose(this IActorContext context, ActorRef target, Message request)
    {
        try
        {
            context.Send(target, request);
        }
        catch (MailboxFullException)
        {
            // Its references were given back.
        }
    }
}
