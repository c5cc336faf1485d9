using LstmCluster.Actors;

namespace Trainer.Coordinator.Tests;

/// <summary>An address that stands for nobody.</summary>
sealed class NamedRef(string name) : ActorRef
{
    public override string Path => "/" + name;
}
