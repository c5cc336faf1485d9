namespace LstmCluster.Compute;

/// <summary>A piece of a model that may have parameters: a layer, an attention. The description only.</summary>
public abstract class ModelPart
{
    /// <summary>Streams of the masks that the part itself draws in training.</summary>
    internal virtual IEnumerable<uint> MaskStreams => [];

    /// <summary>Declares the tensors of the part.</summary>
    public abstract void Declare(ParameterLayout.Builder parameters);

    /// <summary>Makes room for the parameters of one weight version on a device.</summary>
    /// <param name="device">Where.</param>
    /// <param name="training">False to leave out what only a backward pass needs.</param>
    public abstract LayerWeights CreateWeights(IDevice device, bool training);
}
