using LstmCluster.Actors;

namespace LstmCluster.Simulation;

/// <summary>Where probes, and a test's defect, sit: around every actor of a simulated cluster, whoever starts it.</summary>
/// <param name="probes">Who sees what is heard and said.</param>
/// <param name="mutation">What is changed; null for nothing.</param>
sealed class Tap(IReadOnlyList<IProbe> probes, IMutation? mutation)
{
    /// <summary>Who sees what is heard and said.</summary>
    public IReadOnlyList<IProbe> Probes => probes;

    /// <summary>What is changed; null for nothing.</summary>
    public IMutation? Mutation => mutation;

    /// <summary>The maker of an actor, and of all that it starts, with this around it.</summary>
    /// <param name="name">Name of the actor.</param>
    /// <param name="create">Makes it.</param>
    public Func<IActor> Around(string name, Func<IActor> create) => () =>
    {
        var actor = create();
        return new TappedActor(mutation?.Make(name, actor) ?? actor, this);
    };
}
