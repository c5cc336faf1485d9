namespace LstmCluster.Actors;

/// <summary>Why the watchers of a killed actor hear <see cref="Terminated"/>.</summary>
/// <param name="actor">The actor at which the crash began.</param>
public sealed class KilledException(ActorRef actor) : Exception($"{actor} was killed");
