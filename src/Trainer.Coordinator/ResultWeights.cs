using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Which weights of a checkpoint are the model: the moving average where one was kept, else the last ones.</summary>
public static class ResultWeights
{
    const string Prefix = WeightAverage.StateName + ".";

    /// <summary>The tensors, named as in a weights file.</summary>
    public static IReadOnlyList<TensorData> Of(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        var average = checkpoint.Optimizer.Where(tensor => tensor.Name.StartsWith(Prefix, StringComparison.Ordinal)).ToList();
        return average.Count == 0
            ? checkpoint.Weights
            : [.. average.Select(tensor => TensorData.Of(tensor.Name[Prefix.Length..], tensor.Floats, [.. tensor.Shape]))];
    }

    /// <summary>SHA-256 of the data section of a weights file with them, in hexadecimal.</summary>
    public static string HashOf(Checkpoint checkpoint)
    {
        var tensors = Of(checkpoint);
        return ReferenceEquals(tensors, checkpoint.Weights) ? checkpoint.Manifest.WeightsSha256 : Safetensors.Write(Stream.Null, tensors, checkpoint.Metadata);
    }
}
