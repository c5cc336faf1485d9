using System.Net;

namespace LstmCluster.Actors;

/// <summary>Hears of nodes that come and go, and of connections that came to nothing.</summary>
/// <remarks>Calls come from any thread. An exception of an observer ends in <see cref="IActorRuntime.Failure"/>.</remarks>
public interface INetworkObserver
{
    /// <summary>Both connections to a node are up.</summary>
    void NodeConnected(RemoteNode node)
    {
    }

    /// <summary>The connections to a node are gone; its watchers were told.</summary>
    void NodeLost(RemoteNode node, Exception reason)
    {
    }

    /// <summary>A connection from outside was closed before it became one of a node.</summary>
    /// <param name="from">Where it came from, if that is still known.</param>
    /// <param name="reason">Why it was closed.</param>
    void ConnectionRefused(EndPoint? from, Exception reason)
    {
    }

    /// <summary>A message that came from outside of any actor found the mailbox of its receiver full, over there.</summary>
    /// <remarks>One that an actor sent fails that actor instead.</remarks>
    void MessageRefused(ActorRef target, MailboxFullException reason)
    {
    }

    /// <summary>An attempt to connect failed and is repeated after a while.</summary>
    /// <param name="to">The address.</param>
    /// <param name="reason">Why.</param>
    /// <param name="delay">Time until the next attempt.</param>
    void ConnectFailed(EndPoint to, Exception reason, TimeSpan delay)
    {
    }
}

/// <summary>Stands in where a program gave no observer.</summary>
sealed class SilentNetworkObserver : INetworkObserver;
