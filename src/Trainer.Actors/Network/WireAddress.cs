namespace LstmCluster.Actors;

/// <summary>An <see cref="ActorRef"/> as it crosses a network: data only, the same for every node that holds it.</summary>
/// <param name="Node">The process that runs the actor.</param>
/// <param name="Path">Path from the root of that process, such as <c>/coordinator</c>.</param>
/// <param name="Id">Number of the actor within that process: another actor under the same path has another one.</param>
public readonly record struct WireAddress(NodeId Node, string Path, ulong Id);
