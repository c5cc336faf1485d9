namespace LstmCluster.Actors;

/// <summary>The address of an actor: all that others hold of it.</summary>
/// <remarks>Equality is by identity: a new actor under an old name is another address.</remarks>
public abstract class ActorRef
{
    /// <summary>Path from the runtime's root, such as <c>/coordinator/worker-0</c>.</summary>
    public abstract string Path { get; }

    /// <summary>The last part of <see cref="Path"/>.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <inheritdoc/>
    public override string ToString() => Path;
}
