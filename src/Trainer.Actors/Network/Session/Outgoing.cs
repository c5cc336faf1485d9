namespace LstmCluster.Actors;

/// <summary>A message whose payloads wait to be sent, or are being sent.</summary>
sealed record Outgoing(ActorRef? Sender, ActorRef Target, Message Message, IWirePayload[] Payloads, long Bytes);
