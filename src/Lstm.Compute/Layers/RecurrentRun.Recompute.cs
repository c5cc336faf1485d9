namespace LstmCluster.Compute;

/// <summary>Gradient checkpointing over time (Gruslys et al. 2016): activations of one chunk of time at once, for one more forward pass.</summary>
/// <remarks>
/// Hidden states are the output and stay; of the cells those at the chunks' borders do. A chunk's share of the weight gradients is taken before its activations
/// give way to the next chunk's, into one sum a shard. Chunks consist of whole <see cref="TimeSegments"/>, so that these sums have the bits of the whole.
/// </remarks>
abstract partial class RecurrentRun
{
    readonly StepTensor _borders = new(device, layer.CellSize), _laterProduct = new(device, layer.GateRows);
    readonly GrowingBuffer _sums = new(device);
    readonly int _weightLength = WeightLength(layer);

    // The first step of those whose activations are kept.
    int _keptFrom;

    bool Recomputes(BatchShape shape) => layer.RecomputeSteps > 0 && shape.Steps > layer.RecomputeSteps;

    int KeptSteps(BatchShape shape) => Recomputes(shape) ? layer.RecomputeSteps : shape.Steps;

    int Chunks(BatchShape shape) => (shape.Steps + layer.RecomputeSteps - 1) / layer.RecomputeSteps;

    TimeWindow Chunk(int chunk) => new(chunk * layer.RecomputeSteps, Math.Min(layer.RecomputeSteps, Steps - (chunk * layer.RecomputeSteps)));

    void ForwardInChunks(LayerWeights weights)
    {
        StartFreshRows(weights);
        var chunks = Chunks(_pass.Shape);
        for (var turn = 0; turn < chunks; turn++)
        {
            var chunk = layer.Reverse ? chunks - 1 - turn : turn;
            ForwardChunk(weights, chunk);
            if (layer.CellSize > 0) device.Copy(_cells.Steps(layer.Reverse ? 0 : Chunk(chunk).Count, 1, Rows), _borders.Steps(layer.Reverse ? chunk : chunk + 1, 1, Rows));
        }

        _forwardSteps = Steps;
    }

    void BackwardInChunks(LayerWeights weights)
    {
        _sums.Reserve((long)ShardCount * _weightLength);
        var chunks = Chunks(_pass.Shape);
        for (var turn = 0; turn < chunks; turn++)
        {
            var chunk = layer.Reverse ? turn : chunks - 1 - turn;
            var window = Chunk(chunk);

            // What forward left of its last chunk is still there.
            if (turn > 0) ForwardChunk(weights, chunk);
            Backward(weights, window, turn == 0 ? default : _laterProduct.Steps(0, 1, Rows));
            for (var shard = 0; shard < ShardCount; shard++)
                WeightGradient(window, Shard(shard), SumOf(shard), turn == 0 ? Summation.Write : Summation.Continue);
            if (turn < chunks - 1) device.Copy(RecurrentProductGradient(layer.Reverse ? window.End - 1 : window.First), _laterProduct.Steps(0, 1, Rows));
        }
    }

    /// <summary>Forward over one chunk from the state at its border.</summary>
    void ForwardChunk(LayerWeights weights, int chunk)
    {
        var window = Chunk(chunk);
        _keptFrom = window.First;
        if (layer.CellSize > 0) device.Copy(_borders.Steps(layer.Reverse ? chunk + 1 : chunk, 1, Rows), _cells.Steps(layer.Reverse ? window.Count : 0, 1, Rows));
        Forward(weights, window);
    }

    int ShardCount => _pass.Shards?.Count ?? 1;

    RowRange Shard(int index) => _pass.Shards?[index].Rows ?? new RowRange(0, Rows);

    DeviceSpan SumOf(int shard) => _sums.Span((shard + 1) * _weightLength).Slice(shard * _weightLength, _weightLength);

    /// <summary>Gives a shard's sum to its target.</summary>
    void HandOut(RowRange rows, DeviceSpan gradient, bool accumulate)
    {
        var shard = 0;
        while (Shard(shard) != rows)
        {
            if (++shard == ShardCount) throw new ArgumentException($"a layer that recomputes has no sum over rows {rows.First} to {rows.First + rows.Count}, which are no shard", nameof(rows));
        }

        var target = gradient.Slice(0, _weightLength);
        if (accumulate) device.Add(target, SumOf(shard));
        else device.Copy(SumOf(shard), target);
    }

    static int WeightLength(RecurrentLayer layer) =>
        ParameterLayout.LengthOf(layer) - (layer.LearnedInitialState ? layer.StateSize : 0);
}
