namespace LstmCluster.Actors;

/// <summary>The exception that an actor of another node stopped with, in words.</summary>
/// <param name="message">Message of the original exception.</param>
public sealed class RemoteFailureException(string message) : Exception(message);
