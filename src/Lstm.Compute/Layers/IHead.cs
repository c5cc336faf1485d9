namespace LstmCluster.Compute;

/// <summary>The last affine map of a model, from features to outputs: <see cref="Linear"/> with weights of its own, or <see cref="TiedLinear"/> with those of the embedding.</summary>
public interface IHead
{
    /// <summary>Features that it takes.</summary>
    int InputSize { get; }

    /// <summary>Outputs at each position: scores of classes, or values.</summary>
    int OutputSize { get; }

    /// <summary>The embedding whose table is the kernel; null when the head has its own.</summary>
    internal Embedding? TiedTo { get; }

    /// <summary>What declares the head's own parameters.</summary>
    internal ModelPart Part { get; }

    /// <summary>The weights to compute with.</summary>
    /// <param name="own">Those of <see cref="Part"/>.</param>
    /// <param name="embedding">Those of the embedding that the head is tied to; null when it is not.</param>
    internal AffineWeights WeightsOf(LayerWeights own, LayerWeights? embedding);

    /// <summary>Kernel and bias within the part's run of a vector; the kernel is empty when it is the embedding's.</summary>
    internal (DeviceSpan Kernel, DeviceSpan Bias) Views(DeviceSpan parameters);
}
