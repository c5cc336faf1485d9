namespace LstmCluster.Compute;

/// <summary>A table of vectors, one for each token.</summary>
/// <param name="vocabulary">V, number of tokens.</param>
/// <param name="width">E, features of a vector.</param>
public sealed class Embedding(int vocabulary, int width) : Layer(vocabulary, width)
{
    /// <summary>V.</summary>
    public int Vocabulary => InputSize;

    /// <summary>E.</summary>
    public int Width => OutputSize;

    /// <summary>Standard deviation of the initial table. One is PyTorch's; a table that a head uses too (<see cref="TiedLinear"/>) wants about <c>1/sqrt(E)</c>.</summary>
    public double Deviation { get; init; } = 1;

    /// <inheritdoc/>
    public override void Declare(ParameterLayout.Builder parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        parameters.Add("weight", new NormalInitializer(Deviation), Vocabulary, Width);
    }

    /// <inheritdoc/>
    public override LayerWeights CreateWeights(IDevice device, bool training) => new EmbeddingWeights();

    /// <inheritdoc/>
    public override LayerRun CreateRun(IDevice device) => new EmbeddingRun(this, device);
}

class EmbeddingWeights : LayerWeights
{
    public DeviceSpan Table { get; private set; }

    public override void Load(DeviceSpan parameters) => Table = parameters;

    protected override void Dispose(bool disposing)
    {
    }
}

/// <summary>The embedding stands before the other layers: its input is tokens, and nothing flows back beyond it.</summary>
sealed class EmbeddingRun(Embedding layer, IDevice device) : LayerRun
{
    readonly GrowingBuffer _output = new(device);
    BatchShape _shape;
    DeviceSpan _dy;

    /// <summary>[T,N] tokens of the next forward.</summary>
    public DeviceIndices? Tokens { get; set; }

    public override bool CanAccumulate => false;

    public override DeviceSpan Forward(LayerWeights weights, in Pass pass, DeviceSpan x)
    {
        _shape = pass.Shape;
        var y = _output.Span(_shape.Positions * layer.Width);
        device.EmbeddingForward(((EmbeddingWeights)weights).Table, layer.Width, Tokens!, 0, _shape.Positions, y);
        return y;
    }

    public override DeviceSpan Backward(LayerWeights weights, in Pass pass, DeviceSpan dy)
    {
        _dy = dy;
        return default;
    }

    public override void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate)
    {
        if (accumulate) throw new NotSupportedException("a scattered gradient is computed apart and then added");
        device.EmbeddingGradient(_shape, rows, layer.Width, Tokens!, _dy, gradient);
    }

    public override void Reserve(BatchShape shape, bool training) => _output.Reserve((long)shape.Positions * layer.Width);

    protected override void Dispose(bool disposing) => _output.Dispose();
}
