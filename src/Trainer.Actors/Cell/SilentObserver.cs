namespace LstmCluster.Actors;

/// <summary>Stands in where a program gave no observer.</summary>
sealed class SilentObserver : IActorObserver;
