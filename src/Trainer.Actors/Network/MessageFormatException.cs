namespace LstmCluster.Actors;

/// <summary>The bytes of a message mean nothing to the codec. It ends the connection that they came over.</summary>
/// <param name="reason">What was found and what was expected.</param>
/// <param name="cause">The exception behind it, if any.</param>
public sealed class MessageFormatException(string reason, Exception? cause = null) : Exception(reason, cause);
