namespace LstmCluster.Compute.Tests;

/// <summary>A model and a batch that were drawn, before they have numbers.</summary>
interface IModelChoice
{
    /// <summary>Draws the numbers, always the same ones.</summary>
    ModelSample Sample();

    /// <summary>
    /// How near the computation comes to a point where it is not smooth, or where a rounding may decide: a cell at its limit, equal maxima, the corner of Huber's loss,
    /// equal scores where the best class is fed back.
    /// </summary>
    double DistanceFromEdges();
}
