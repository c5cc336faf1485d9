namespace LstmCluster.Compute;

/// <summary>The description of a network from a batch to its losses. <see cref="ModelWeights"/> holds a weight version on a device, <see cref="ModelRun"/> runs batches.</summary>
public abstract class Model
{
    /// <summary>Collects the parts.</summary>
    /// <param name="parts">Each part under the name that its tensors begin with, in the order of the parameter vector.</param>
    /// <param name="ownMask">Stream of a mask that the model itself draws; null for none.</param>
    /// <exception cref="ArgumentException">Two masks are drawn from one stream: in training they would be the same mask.</exception>
    private protected Model(IEnumerable<(string Name, ModelPart Part)> parts, uint? ownMask = null)
    {
        var builder = new ParameterLayout.Builder();
        var named = parts.ToList();
        Parts = [.. named.Select(part => part.Part)];
        Ranges = [.. named.Select(part => builder.Declare(part.Name, part.Part))];
        Parameters = builder.Build();
        var streams = new HashSet<uint>();
        foreach (var stream in ownMask is { } own ? Parameters.MaskStreams.Append(own) : Parameters.MaskStreams)
            if (!streams.Add(stream))
                throw new ArgumentException($"two masks of the model are drawn from stream {stream}: give each its own, or they drop the same features", nameof(parts));
    }

    /// <summary>Where each tensor lies in the parameter vector.</summary>
    public ParameterLayout Parameters { get; }

    /// <summary>Floats of carried state for each batch row.</summary>
    public abstract int StateSize { get; }

    /// <summary>Outputs of the head at a loss position: scores of classes, or values.</summary>
    public abstract int Outputs { get; }

    /// <summary>The parts, in the order of the parameter vector.</summary>
    public IReadOnlyList<ModelPart> Parts { get; }

    /// <summary>Each part's run of the parameter vector.</summary>
    internal IReadOnlyList<ParameterRange> Ranges { get; }

    /// <summary>The numbers of a tensor, or of a gate's part of it, such as <c>model.View(weights, lstm, lstm.Kernel[Gate.Forget])</c>.</summary>
    /// <param name="vector">A vector laid out like the parameters: weights, gradient, optimizer state.</param>
    /// <param name="part">The part that has the tensor: of the model, or within one of its parts.</param>
    /// <param name="view">Which of its numbers.</param>
    /// <returns>[Rows,Columns] of the view, in place.</returns>
    /// <exception cref="ArgumentException">The part is not in the model, or in more than one place; the vector is of another length.</exception>
    public Span<float> View(Span<float> vector, ModelPart part, TensorView view) => vector.Slice(OffsetOf(vector.Length, part, view), view.Length);

    /// <inheritdoc cref="View(Span{float}, ModelPart, TensorView)"/>
    public ReadOnlySpan<float> View(ReadOnlySpan<float> vector, ModelPart part, TensorView view) =>
        vector.Slice(OffsetOf(vector.Length, part, view), view.Length);

    /// <inheritdoc cref="View(Span{float}, ModelPart, TensorView)"/>
    public DeviceSpan View(DeviceSpan vector, ModelPart part, TensorView view) => vector.Slice(OffsetOf(vector.Length, part, view), view.Length);

    /// <summary>Makes what runs batches through the model on a device.</summary>
    public abstract ModelRun CreateRun(IDevice device);

    int OffsetOf(int length, ModelPart part, TensorView view)
    {
        if (length != Parameters.Length) throw new ArgumentException($"a vector of {length} elements is not laid out like the {Parameters.Length} parameters", nameof(length));
        var range = Parameters.RangeOf(part);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(view.Offset + view.Length, range.Length, nameof(view));
        return range.Offset + view.Offset;
    }
}
