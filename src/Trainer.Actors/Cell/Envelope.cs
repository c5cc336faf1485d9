namespace LstmCluster.Actors;

/// <summary>A message on its way.</summary>
/// <param name="Sender">Who sent it; null when it came from outside of any actor.</param>
/// <param name="Message">What was sent.</param>
/// <param name="Timer">The timer that sent it, which may still take it back; null for all other messages.</param>
readonly record struct Envelope(ActorRef? Sender, Message Message, ScheduledMessage? Timer = null);
