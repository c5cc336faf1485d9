using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>From an assignment's shards to their losses, states and gradients, on one device. All shards run as one batch.</summary>
public sealed class ShardComputer : IShardCompute
{
    readonly Model _model;
    readonly IDevice _device;
    readonly PayloadPool _pool;
    readonly ulong _seed;
    readonly ModelRun _run;
    readonly BatchAssembly _batch = new();
    readonly ShardTree _tree;
    readonly List<ShardRange> _nodes = [];
    readonly GradientStream _gradients;
    readonly Action<ParameterRange> _finished;
    readonly Func<TaskScore?> _score;
    float[] _losses = [], _states = [], _outputs = [];
    double[][] _sums = [];

    /// <summary>Prepares to compute shards.</summary>
    /// <param name="model">The model.</param>
    /// <param name="device">Where; disposed with this.</param>
    /// <param name="shards">Shards that a step is cut into.</param>
    /// <param name="seed">The job's seed, which dropout masks are keyed by.</param>
    /// <param name="pool">Where gradients and states are rented.</param>
    /// <param name="precision">What each shard's gradient, and each sum, is rounded to.</param>
    /// <param name="score">Makes what the outputs of a shard are judged by in an evaluation; null where the loss tells all.</param>
    public ShardComputer(
        Model model, IDevice device, int shards, ulong seed, PayloadPool pool, GradientPrecision precision = GradientPrecision.Fp32, Func<TaskScore?>? score = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_model, _device, _seed, _pool) = (model, device, seed, pool);
        _run = model.CreateRun(device);
        _run.GradientPrecision = precision;
        _tree = new ShardTree(shards);
        _gradients = new GradientStream(device, pool, model.Parameters.Length);
        _finished = _gradients.Finish;
        _score = score ?? (static () => null);
    }

    /// <summary>Elements of a gradient vector.</summary>
    public int GradientLength => _model.Parameters.Length;

    /// <summary>What each shard's gradient, and each sum, is rounded to.</summary>
    public GradientPrecision Precision => _run.GradientPrecision;

    /// <summary>Name of the device.</summary>
    public string DeviceName => _device.Name;

    /// <summary>What decides the device's bits.</summary>
    public string DeviceType => _device.DeviceType;

    /// <summary>Runs the shards forward.</summary>
    /// <param name="assignment">The shards. Its payloads stay the caller's.</param>
    /// <param name="weights">The weight version of the round.</param>
    /// <returns>Loss and state of each shard, and of an evaluation the sums that the task's figures are made of.</returns>
    public IReadOnlyList<ShardResult> Forward(AssignShards assignment, ModelWeights weights)
    {
        ArgumentNullException.ThrowIfNull(assignment);
        _batch.Gather(assignment.Shards);
        _run.Load(_batch.Batch);
        WriteStates(assignment.Shards);
        var training = assignment.Round.Kind == WorkKind.Train;
        _run.Forward(weights, training, Philox.KeyOf(_seed, assignment.Round.Step.Value));
        _sums = training ? [] : Score(assignment.Shards.Count);
        var positions = _run.LossShape.Positions;
        if (_losses.Length < positions) _losses = new float[positions];
        _run.Losses(_losses.AsSpan(0, positions));
        if (assignment.Shards.Any(shard => shard.CarriesState)) ReadStates();
        return [.. assignment.Shards.Select(ResultOf)];
    }

    /// <summary>Runs the shards of the last <see cref="Forward"/> backward, and hands out their gradients while it does: for the fewest nodes of the reduction tree that cover the shards.</summary>
    /// <param name="weights">The version that forward used.</param>
    /// <param name="pieces">What a gradient vector is handed out in: ascending, together all of it.</param>
    /// <param name="take">Gets each piece of each node as soon as it is final, and owns its reference. An exception of it ends the pass.</param>
    public void Backward(ModelWeights weights, IReadOnlyList<ParameterRange> pieces, Action<GradientPiece> take)
    {
        _nodes.Clear();
        _tree.Cover([.. _batch.Shards.Select(shard => shard.Shard)], _nodes);
        try
        {
            _run.Backward(weights, _gradients.Begin(_nodes, pieces, take), _finished);
            _gradients.Complete();
        }
        finally
        {
            _gradients.End();
        }
    }

    /// <inheritdoc/>
    IReadOnlyList<ShardResult> IShardCompute.Forward(AssignShards assignment, WeightLease weights) => Forward(assignment, weights.Weights);

    /// <inheritdoc/>
    void IShardCompute.Backward(WeightLease weights, IReadOnlyList<ParameterRange> pieces, Action<GradientPiece> take) => Backward(weights.Weights, pieces, take);

    /// <summary>Frees the run and the device.</summary>
    public void Dispose()
    {
        _gradients.Dispose();
        _run.Dispose();
        _device.Dispose();
    }

    void WriteStates(IReadOnlyList<ShardBatch> shards)
    {
        for (var index = 0; index < shards.Count; index++)
        {
            // Rows without a carried state start from the model's own.
            if (shards[index].State is { } state) _run.WriteStates(_batch.Shards[index].Rows, state.Span);
        }
    }

    /// <summary>What the outputs of each shard add to the task's figures; nothing where the loss tells all.</summary>
    double[][] Score(int shards)
    {
        if (_score() is not { } score) return [];
        var (shape, length) = (_run.LossShape, _run.LossShape.Positions * _model.Outputs);
        if (_outputs.Length < length) _outputs = new float[length];
        _run.ReadOutputs(_outputs.AsSpan(0, length));
        var sums = new double[shards][];
        for (var index = 0; index < shards; index++)
        {
            if (index > 0) score = _score()!;
            score.Take(_outputs.AsSpan(0, length), _batch.Batch, shape.Rows, _batch.Shards[index].Rows);
            sums[index] = score.ToSums();
        }

        return sums;
    }

    ShardResult ResultOf(ShardBatch shard, int index)
    {
        var rows = _batch.Shards[index].Rows;
        var shape = _run.LossShape;
        double loss = 0;
        for (var step = 0; step < shape.Steps; step++)
        {
            foreach (var one in _losses.AsSpan((step * shape.Rows) + rows.First, rows.Count)) loss += one;
        }

        return new ShardResult(shard.Shard, loss, _run.CountTargets(rows), shard.CarriesState ? StatesOf(rows) : null) { Sums = _sums.Length > 0 ? _sums[index] : [] };
    }

    Payload<float> StatesOf(RowRange rows)
    {
        var states = _pool.Rent<float>(rows.Count * _model.StateSize);
        _states.AsSpan(rows.First * _model.StateSize, states.Length).CopyTo(states.Span);
        return states;
    }

    /// <summary>The states of all rows at once: each transfer of its own would wait for a GPU.</summary>
    void ReadStates()
    {
        var rows = _batch.Batch.Shape.Rows;
        if (_states.Length < rows * _model.StateSize) _states = new float[rows * _model.StateSize];
        _run.ReadStates(new RowRange(0, rows), _states.AsSpan(0, rows * _model.StateSize));
    }
}
