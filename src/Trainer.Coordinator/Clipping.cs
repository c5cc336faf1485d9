using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>What clipping makes of an averaged gradient.</summary>
public static class Clipping
{
    // Keeps the quotient finite, as in PyTorch's clip_grad_norm_.
    const double Epsilon = 1e-6;

    /// <summary>Factor of a gradient of a given norm: by norm, <c>min(1, limit/norm)</c> (Pascanu, Mikolov and Bengio 2013).</summary>
    public static double Scale(ClipOptions clip, double norm) => clip is ClipByNorm byNorm ? Math.Min(1, byNorm.Norm / (norm + Epsilon)) : 1;

    /// <summary>Limit of each element's magnitude; null for none.</summary>
    public static double? ValueLimit(ClipOptions clip) => clip is ClipByValue byValue ? byValue.Value : null;
}
