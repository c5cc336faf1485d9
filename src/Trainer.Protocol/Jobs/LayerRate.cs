namespace LstmCluster.Protocol;

/// <summary>A layer's factor of the learning rate (an entry of <c>training.rates:</c>).</summary>
/// <param name="Name">The layer (<c>embedding</c>, <c>layers</c> for all of them, <c>layers.0</c>, <c>head</c>), or one of its tensors by its full name.</param>
/// <param name="Factor">Factor of the learning rate; 0 for frozen.</param>
public sealed record LayerRate(string Name, double Factor);
