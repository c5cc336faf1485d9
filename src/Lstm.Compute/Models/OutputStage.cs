namespace LstmCluster.Compute;

/// <summary>The end of a model on a device: head and loss, where the forward pass ends and the backward pass begins.</summary>
/// <remarks>The gradient that it hands out is that of the head's own parameters; that of a table which the head shares with the embedding is <see cref="WithEmbedding"/>'s.</remarks>
sealed class OutputStage(IHead head, Loss loss, IDevice device) : IShardGradient, IDisposable
{
    readonly AffineRun _map = new(head.InputSize, head.OutputSize, device);
    readonly LossTargets _targets = new(loss, head.OutputSize, device);
    readonly GrowingBuffer _losses = new(device);

    /// <summary>Extent of the loss positions.</summary>
    public BatchShape Shape { get; private set; }

    /// <summary>True when the batch has targets.</summary>
    public bool HasTargets => _targets.ArePresent;

    /// <summary>[T,N,outputs]; their gradient after <see cref="Losses"/> in training.</summary>
    public DeviceSpan Outputs => _map.Output;

    bool IShardGradient.CanAccumulate => true;

    /// <summary>[positions], what <see cref="Losses"/> computed, in the device's own precision.</summary>
    public DeviceSpan DeviceLosses => _losses.Span(Shape.Positions);

    /// <summary>Makes room for loss positions of this extent.</summary>
    public void Reserve(BatchShape shape, bool training)
    {
        _map.Reserve(shape.Positions, training);
        _targets.Reserve(shape.Positions);
        _losses.Reserve(shape.Positions);
    }

    /// <summary>Takes in the targets of a batch.</summary>
    /// <param name="shape">Extent of the loss positions.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="lengths">[N], steps of each row that count; empty when all do.</param>
    public void Load(BatchShape shape, in Batch batch, ReadOnlySpan<int> lengths)
    {
        _targets.Load(shape, batch, lengths);
        Shape = shape;
    }

    /// <summary>Positions of some rows that have a target.</summary>
    public int CountTargets(RowRange rows) => _targets.Count(rows);

    /// <summary>The head over all positions.</summary>
    /// <param name="weights">Of the head.</param>
    /// <param name="x">[T,N,inputs].</param>
    /// <returns>[T,N,outputs].</returns>
    public DeviceSpan Forward(in AffineWeights weights, DeviceSpan x)
    {
        Begin(x);
        return ForwardSteps(weights, 0, Shape.Steps);
    }

    /// <summary>Begins a forward pass that goes on with <see cref="ForwardSteps"/>.</summary>
    /// <param name="x">[T,N,inputs]; steps may be written until they are run.</param>
    public void Begin(DeviceSpan x) => _map.Begin(Shape, x);

    /// <summary>The head over some time steps.</summary>
    /// <returns>[count,N,outputs].</returns>
    public DeviceSpan ForwardSteps(in AffineWeights weights, int first, int count) => _map.ForwardSteps(weights, first, count);

    /// <summary>Loss at each position, and in training the gradient in the place of the outputs.</summary>
    /// <param name="losses">[positions], on the host.</param>
    /// <param name="training">True when <see cref="Backward"/> follows.</param>
    public void Losses(Span<float> losses, bool training)
    {
        _targets.Run(Outputs, DeviceLosses, training);
        device.Read(DeviceLosses, losses);
    }

    /// <summary>Backward through the head. Call after <see cref="Losses"/>.</summary>
    /// <returns>Gradient of x, [T,N,inputs].</returns>
    public DeviceSpan Backward(in AffineWeights weights) => _map.Backward(weights, Outputs);

    /// <inheritdoc/>
    public void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate)
    {
        var (kernel, bias) = head.Views(gradient);
        _map.Gradient(rows, kernel, bias, accumulate);
    }

    /// <summary>The gradient of an embedding: its own, and that of the head where the head is tied to it.</summary>
    /// <param name="embedding">The embedding's own gradient, which overwrites.</param>
    public IShardGradient WithEmbedding(IShardGradient embedding) => head.TiedTo is null ? embedding : new TiedGradient(embedding, _map);

    public void Dispose()
    {
        _map.Dispose();
        _targets.Dispose();
        _losses.Dispose();
    }

    /// <summary>
    /// Gradient of a table used twice. The two parts are added for each shard, before shards are added to each other: so the bits do not depend on which shards a
    /// worker has.
    /// </summary>
    sealed class TiedGradient(IShardGradient embedding, AffineRun map) : IShardGradient
    {
        public bool CanAccumulate => false;

        public void ShardGradient(RowRange rows, DeviceSpan gradient, bool accumulate)
        {
            embedding.ShardGradient(rows, gradient, accumulate);
            map.Gradient(rows, gradient, bias: default, accumulate: true);
        }
    }
}
