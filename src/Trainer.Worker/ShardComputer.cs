using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>From an assignment's shards to their losses, states and gradients, on one device. All shards run as one batch.</summary>
public sealed class ShardComputer : IDisposable
{
    readonly SequenceModel _model;
    readonly IDevice _device;
    readonly PayloadPool _pool;
    readonly ulong _seed;
    readonly SequenceRun _run;
    readonly ShardTree _tree;
    readonly List<ShardRange> _nodes = [];
    readonly List<(ShardRange Node, Payload<float> Gradient)> _gradients = [];
    ShardRows[] _shards = [];
    int[] _inputs = [], _targets = [];
    float[] _losses = [], _noState = [];

    /// <summary>Prepares to compute shards.</summary>
    /// <param name="model">The model.</param>
    /// <param name="device">Where; disposed with this.</param>
    /// <param name="shards">Shards that a step is cut into.</param>
    /// <param name="seed">The job's seed, which dropout masks are keyed by.</param>
    /// <param name="pool">Where gradients and states are rented.</param>
    public ShardComputer(SequenceModel model, IDevice device, int shards, ulong seed, PayloadPool pool)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_model, _device, _seed, _pool) = (model, device, seed, pool);
        _run = new SequenceRun(model, device);
        _tree = new ShardTree(shards);
        _noState = new float[model.StateSize];
    }

    /// <summary>Name of the device.</summary>
    public string DeviceName => _device.Name;

    /// <summary>Runs the shards forward.</summary>
    /// <param name="assignment">The shards. Its payloads stay the caller's.</param>
    /// <param name="weights">The weight version of the round.</param>
    /// <returns>Loss and state of each shard.</returns>
    public IReadOnlyList<ShardResult> Forward(AssignShards assignment, ModelWeights weights)
    {
        ArgumentNullException.ThrowIfNull(assignment);
        var shape = Gather(assignment.Shards);
        _run.Load(shape, _inputs.AsSpan(0, shape.Positions), _targets.AsSpan(0, shape.Positions), _shards);
        WriteStates(assignment.Shards);
        var training = assignment.Round.Kind == WorkKind.Train;
        _run.Forward(weights, training, Philox.KeyOf(_seed, assignment.Round.Step.Value));
        _run.Losses(_losses.AsSpan(0, shape.Positions));
        return [.. _shards.Select(shard => ResultOf(shard, shape))];
    }

    /// <summary>Runs the shards of the last <see cref="Forward"/> backward.</summary>
    /// <returns>The fewest nodes of the reduction tree that cover the shards, each with a gradient that the caller owns. Valid until the next call.</returns>
    public IReadOnlyList<(ShardRange Node, Payload<float> Gradient)> Backward(ModelWeights weights)
    {
        _nodes.Clear();
        _tree.Cover([.. _shards.Select(shard => shard.Shard)], _nodes);
        _gradients.Clear();
        var targets = new GradientTarget[_nodes.Count];
        var buffers = new DeviceBuffer[_nodes.Count];
        for (var index = 0; index < targets.Length; index++)
        {
            var payload = _pool.Rent<float>(_model.Parameters.Length);
            buffers[index] = _device.Import(payload.Memory);
            targets[index] = new GradientTarget(_nodes[index], buffers[index].All);
            _gradients.Add((_nodes[index], payload));
        }

        _run.Backward(weights, targets);
        for (var index = 0; index < targets.Length; index++)
        {
            _device.Read(buffers[index].All, _gradients[index].Gradient.Span);
            buffers[index].Dispose();
        }

        return _gradients;
    }

    /// <summary>Frees the run and the device.</summary>
    public void Dispose()
    {
        _run.Dispose();
        _device.Dispose();
    }

    /// <summary>Lays the shards side by side into one time-major batch.</summary>
    BatchShape Gather(IReadOnlyList<ShardBatch> shards)
    {
        var shape = new BatchShape(shards[0].Shape.Steps, shards.Sum(shard => shard.Shape.Rows));
        if (_shards.Length != shards.Count) _shards = new ShardRows[shards.Count];
        if (_inputs.Length < shape.Positions)
            (_inputs, _targets, _losses) = (new int[shape.Positions], new int[shape.Positions], new float[shape.Positions]);

        var first = 0;
        for (var index = 0; index < shards.Count; index++)
        {
            var rows = shards[index].Shape.Rows;
            if (shards[index].Shape.Steps != shape.Steps) throw new ArgumentException("the shards of an assignment have different lengths", nameof(shards));
            _shards[index] = new ShardRows(shards[index].Shard, new RowRange(first, rows));
            for (var t = 0; t < shape.Steps; t++)
            {
                shards[index].Inputs.Span.Slice(t * rows, rows).CopyTo(_inputs.AsSpan((t * shape.Rows) + first));
                shards[index].Targets.Span.Slice(t * rows, rows).CopyTo(_targets.AsSpan((t * shape.Rows) + first));
            }

            first += rows;
        }

        return shape;
    }

    void WriteStates(IReadOnlyList<ShardBatch> shards)
    {
        for (var index = 0; index < shards.Count; index++)
        {
            for (var row = 0; row < _shards[index].Rows.Count; row++)
            {
                var state = shards[index].State is { } carried ? carried.Span.Slice(row * _model.StateSize, _model.StateSize) : _noState;
                _run.WriteState(_shards[index].Rows.First + row, state);
            }
        }
    }

    ShardResult ResultOf(ShardRows shard, BatchShape shape)
    {
        var (first, count) = (shard.Rows.First, shard.Rows.Count);
        double loss = 0;
        var tokens = 0;
        for (var t = 0; t < shape.Steps; t++)
        {
            for (var position = (t * shape.Rows) + first; position < (t * shape.Rows) + first + count; position++)
            {
                loss += _losses[position];
                if (_targets[position] >= 0) tokens++;
            }
        }

        var state = _pool.Rent<float>(count * _model.StateSize);
        for (var row = 0; row < count; row++)
            _run.ReadState(first + row, state.Span.Slice(row * _model.StateSize, _model.StateSize));
        return new ShardResult(shard.Shard, loss, tokens, state);
    }
}
