namespace LstmCluster.Training;

/// <summary>A coordinator cannot go on with the parameter servers it has: the run goes on from its newest checkpoint, with new ones and the next term.</summary>
/// <param name="reason">What was lost, in one line.</param>
public sealed class GenerationLostException(string reason) : Exception(reason);
