using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>What clipping makes of an averaged gradient.</summary>
public static class Clipping
{
    /// <summary>Factor of a gradient of a given norm: by norm, <c>min(1, limit/norm)</c> (Pascanu, Mikolov and Bengio 2013).</summary>
    public static double Scale(ClipOptions clip, double norm) => clip is ClipByNorm byNorm ? GradientNorm.ClipFactor(byNorm.Norm, norm) : 1;

    /// <summary>Limit of each element's magnitude; null for none.</summary>
    public static double? ValueLimit(ClipOptions clip) => clip is ClipByValue byValue ? byValue.Value : null;
}
