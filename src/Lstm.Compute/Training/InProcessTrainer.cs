namespace LstmCluster.Compute;

/// <summary>Trains a <see cref="Network"/> in the calling thread: forward, back-propagation through time, averaging over targets, clipping, update.</summary>
/// <remarks>
/// It computes what a run of the trainer computes, bit for bit: with the same seed and batches cut into as many shards, the weights are the same.
/// It is used by one thread at a time. Once warm, a step allocates nothing.
/// </remarks>
public sealed class InProcessTrainer : IDisposable
{
    readonly Network _network;
    readonly UpdateRule _rule;
    readonly DeviceBuffer _gradient;
    readonly DeviceBuffer[] _state;
    readonly DeviceSpan[] _stateSpans;
    readonly GradientNorm _norm;
    readonly CarriedRows _carried;
    DeviceBuffer _next;
    ShardRows[] _shards = [];

    /// <summary>Prepares to train with one rate for all layers.</summary>
    /// <param name="network">The network. It stays the caller's, and changes with each step.</param>
    /// <param name="optimizer">From gradient to change.</param>
    /// <param name="rate">Learning rate, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not a positive number.</exception>
    public InProcessTrainer(Network network, Optimizer optimizer, double rate)
        : this(network, new UpdateRule(optimizer, ParameterRates.Uniform(LengthOf(network))), rate)
    {
    }

    /// <summary>Prepares to train with rates by layer, frozen layers, or a moving average of the weights.</summary>
    /// <param name="network">The network. It stays the caller's, and changes with each step.</param>
    /// <param name="rule">All that turns a gradient into the next weights.</param>
    /// <param name="rate">Learning rate before the factors, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not a positive number.</exception>
    public InProcessTrainer(Network network, UpdateRule rule, double rate)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(rule);
        if (!(rate > 0 && double.IsFinite(rate))) throw new ArgumentOutOfRangeException(nameof(rate), rate, "must be a positive number");
        var length = LengthOf(network);
        (_network, _rule, Rate) = (network, rule, rate);
        (_gradient, _next) = (network.Device.Allocate(length), network.Device.Allocate(length));
        _norm = new GradientNorm(network.Device, length);
        _carried = new CarriedRows(network.Model.StateSize);
        _state = [.. rule.StateNames.Select(_ => network.Device.Allocate(length))];
        _stateSpans = [.. _state.Select(buffer => buffer.All)];
        InitializeState(length);
    }

    /// <summary>Learning rate before the schedule.</summary>
    public double Rate { get; }

    /// <summary>The rate over the steps; constant at first.</summary>
    public Schedule Schedule { get; init; } = new ConstantSchedule();

    /// <summary>Largest L2 norm of the gradient of the mean loss; a longer one is shortened to it. Infinity for no limit.</summary>
    public double ClipNorm { get; init; } = double.PositiveInfinity;

    /// <summary>
    /// Shards that a batch without shards is cut into, as evenly as its rows allow: at most so many as it has rows. Sums go along the tree over shards, so their number shows
    /// in the last bits, and dropout masks are drawn for each shard.
    /// </summary>
    public int Shards { get; init; } = 1;

    /// <summary>Seed of dropout masks.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// True when row n of a step goes on in the state that row n of the step before ended with (truncated back-propagation), until <see cref="ResetState"/>.
    /// Batches must then have one number of rows.
    /// </summary>
    public bool CarryState { get; init; }

    /// <summary>Updates made.</summary>
    public long Steps { get; private set; }

    /// <summary>One step: the gradient of the batch's mean loss, and an update with it.</summary>
    /// <param name="batch">Inputs and targets.</param>
    /// <exception cref="ArgumentException">The batch is not one that the model takes, or no position has a target; the message says how. The weights are as before.</exception>
    /// <exception cref="InvalidOperationException">The batch has no targets. The weights are as before.</exception>
    /// <exception cref="ArithmeticException">The gradient holds NaN or infinity. The weights are as before.</exception>
    public TrainingStep Step(in Batch batch)
    {
        var shards = batch.Shards.IsEmpty ? Cut(batch.Shape.Rows) : batch.Shards;
        var (run, device, weights) = (_network.Run, _network.Device, _network.Prepared(training: true));
        run.Load(batch with { Shards = shards });
        if (CarryState) _carried.Write(run, batch.Shape.Rows);
        run.Forward(weights, training: true, Philox.KeyOf(Seed, Steps + 1));
        var (loss, targets) = _network.TakeLosses(batch.Shape);
        if (targets == 0) throw new ArgumentException("no position of the batch has a target", nameof(batch));

        run.Backward(weights, [new GradientTarget(RootOf(shards), _gradient.All)]);
        _rule.Rates.ClearFrozen(device, _gradient.All);
        var norm = Math.Sqrt(_norm.SumSquares(_gradient.All)) / targets;
        if (!double.IsFinite(norm)) throw new ArithmeticException($"the gradient of step {Steps + 1} holds NaN or infinity");
        device.Scale(_gradient.All, (float)(GradientNorm.ClipFactor(ClipNorm, norm) / targets));
        if (CarryState) _carried.Read(run, batch.Shape.Rows);

        Steps++;
        var rate = Rate * Schedule.FactorAt(Steps);
        _rule.Apply(device, Steps, rate, gradientScale: 1f, _gradient.All, _network.Weights, _stateSpans, _next.All);
        _next = _network.Exchange(_next);
        return new TrainingStep(loss, targets, norm, rate);
    }

    /// <summary>Lets the rows of the next step start from the model's initial state.</summary>
    public void ResetState() => _carried.Clear();

    /// <summary>Copies the moving average of the weights to the host.</summary>
    /// <param name="weights">Laid out like the parameters.</param>
    /// <exception cref="InvalidOperationException">No average is kept.</exception>
    public void ReadAverage(Span<float> weights)
    {
        if (_rule.Average is null) throw new InvalidOperationException("no average of the weights is kept");
        _network.Device.Read(_stateSpans[^1], weights);
    }

    /// <summary>Frees gradient and optimizer state; the network stays.</summary>
    public void Dispose()
    {
        _gradient.Dispose();
        _next.Dispose();
        foreach (var buffer in _state) buffer.Dispose();
    }

    static int LengthOf(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.Model.Parameters.Length;
    }

    /// <summary>The root of the tree over the shards, which must be all from 0 on.</summary>
    static ShardRange RootOf(ReadOnlySpan<ShardRows> shards)
    {
        for (var index = 0; index < shards.Length; index++)
            if (shards[index].Shard != index)
                throw new ArgumentException($"shard {shards[index].Shard} stands where shard {index} should: a step takes all shards from 0 on", nameof(shards));
        return new ShardRange(0, shards.Length);
    }

    ReadOnlySpan<ShardRows> Cut(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Shards, 1);
        var count = Math.Max(1, Math.Min(Shards, rows));
        if (_shards.Length != count) _shards = new ShardRows[count];
        for (var shard = 0; shard < count; shard++)
        {
            var first = (int)((long)shard * rows / count);
            _shards[shard] = new ShardRows(shard, new RowRange(first, (int)((shard + 1L) * rows / count) - first));
        }

        return _shards;
    }

    void InitializeState(int length)
    {
        var (weights, state) = (new float[length], new float[length]);
        _network.ReadWeights(weights);
        for (var index = 0; index < _state.Length; index++)
        {
            _rule.Initialize(index, weights, state);
            _network.Device.Write(_stateSpans[index], state);
        }
    }
}
