namespace LstmCluster.Compute;

/// <summary>The description of a network from a batch to its losses. <see cref="ModelWeights"/> holds a weight version on a device, <see cref="ModelRun"/> runs batches.</summary>
public abstract class Model
{
    /// <summary>Collects the parts.</summary>
    /// <param name="parts">Each part under the name that its tensors begin with, in the order of the parameter vector.</param>
    private protected Model(IEnumerable<(string Name, ModelPart Part)> parts)
    {
        var builder = new ParameterLayout.Builder();
        var named = parts.ToList();
        Parts = [.. named.Select(part => part.Part)];
        Ranges = [.. named.Select(part => builder.Declare(part.Name, part.Part))];
        Parameters = builder.Build();
    }

    /// <summary>Where each tensor lies in the parameter vector.</summary>
    public ParameterLayout Parameters { get; }

    /// <summary>Floats of carried state for each batch row.</summary>
    public abstract int StateSize { get; }

    /// <summary>The parts, in the order of the parameter vector.</summary>
    public IReadOnlyList<ModelPart> Parts { get; }

    /// <summary>Each part's run of the parameter vector.</summary>
    internal IReadOnlyList<ParameterRange> Ranges { get; }

    /// <summary>Makes what runs batches through the model on a device.</summary>
    public abstract ModelRun CreateRun(IDevice device);
}
