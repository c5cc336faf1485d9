using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute;

/// <summary>A model with weights on a device: what predicts, is evaluated, is streamed through, and is trained by an <see cref="InProcessTrainer"/>.</summary>
/// <remarks>It is used by one thread at a time.</remarks>
public sealed class Network : IDisposable
{
    readonly bool _ownsDevice;
    DeviceBuffer _weights;
    ModelWeights? _prepared;
    bool _isForTraining;
    float[] _losses = [];

    /// <summary>A network with the weights that training starts from, a pure function of the seed.</summary>
    /// <param name="model">What it computes.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <param name="device">Where; it stays the caller's. Null for the processor, with the widest vectors it has.</param>
    public Network(Model model, ulong seed, IDevice? device = null)
        : this(model, Initial(model, seed), device)
    {
    }

    /// <summary>A network with given weights.</summary>
    /// <param name="model">What it computes.</param>
    /// <param name="weights">The parameter vector, laid out as <see cref="Model.Parameters"/> says.</param>
    /// <param name="device">Where; it stays the caller's. Null for the processor, with the widest vectors it has.</param>
    /// <exception cref="ArgumentException">The vector is of another length.</exception>
    public Network(Model model, ReadOnlySpan<float> weights, IDevice? device = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        RunChecks.RequireLength(weights.Length, model.Parameters.Length, nameof(weights));
        Model = model;
        _ownsDevice = device is null;
        Device = device ?? CpuDevice.Create();
        _weights = Device.Allocate(weights.Length);
        Device.Write(_weights.All, weights);
        Run = model.CreateRun(Device);
    }

    /// <summary>What the network computes.</summary>
    public Model Model { get; }

    /// <summary>Where it computes.</summary>
    public IDevice Device { get; }

    /// <summary>The weights on the device.</summary>
    internal DeviceSpan Weights => _weights.All;

    /// <summary>What runs batches. Between two calls from outside it holds nothing that is needed again.</summary>
    internal ModelRun Run { get; }

    /// <summary>Copies the weights to the host.</summary>
    /// <param name="weights">The parameter vector, laid out as <see cref="Model.Parameters"/> says.</param>
    /// <exception cref="ArgumentException">The vector is of another length.</exception>
    public void ReadWeights(Span<float> weights)
    {
        RunChecks.RequireLength(weights.Length, Model.Parameters.Length, nameof(weights));
        Device.Read(Weights, weights);
    }

    /// <summary>Sets the weights.</summary>
    /// <param name="weights">The parameter vector, laid out as <see cref="Model.Parameters"/> says.</param>
    /// <exception cref="ArgumentException">The vector is of another length.</exception>
    public void WriteWeights(ReadOnlySpan<float> weights)
    {
        RunChecks.RequireLength(weights.Length, Model.Parameters.Length, nameof(weights));
        Device.Write(Weights, weights);
        _prepared?.Load(Weights);
    }

    /// <summary>Runs a batch, without dropout.</summary>
    /// <param name="batch">The inputs.</param>
    /// <returns>[positions,outputs]: scores of classes before the softmax, logits, or values. What stands beyond a row's end has no meaning.</returns>
    /// <exception cref="ArgumentException">The batch is not one that the model takes; the message says how.</exception>
    public float[] Predict(in Batch batch)
    {
        Forward(batch);
        var outputs = new float[Run.LossShape.Positions * Model.Outputs];
        Run.ReadOutputs(outputs);
        return outputs;
    }

    /// <summary>Runs a batch, without dropout and, once warm, without allocating.</summary>
    /// <param name="batch">The inputs.</param>
    /// <param name="outputs">[positions,outputs]: scores of classes before the softmax, logits, or values.</param>
    /// <exception cref="ArgumentException">The batch is not one that the model takes, or the outputs are not as many; the message says how.</exception>
    public void Predict(in Batch batch, Span<float> outputs)
    {
        Forward(batch);
        RunChecks.RequireLength(outputs.Length, Run.LossShape.Positions * Model.Outputs, nameof(outputs));
        Run.ReadOutputs(outputs);
    }

    /// <summary>Runs a batch, without dropout, and takes the best class at each position.</summary>
    /// <param name="batch">The inputs.</param>
    /// <returns>[positions]; of equal scores the first class.</returns>
    /// <exception cref="ArgumentException">The batch is not one that the model takes; the message says how.</exception>
    public int[] Classify(in Batch batch)
    {
        var outputs = Predict(batch);
        var classes = new int[outputs.Length / Model.Outputs];
        for (var position = 0; position < classes.Length; position++)
        {
            var scores = outputs.AsSpan(position * Model.Outputs, Model.Outputs);
            var best = 0;
            for (var index = 1; index < scores.Length; index++)
                if (scores[index] > scores[best])
                    best = index;
            classes[position] = best;
        }

        return classes;
    }

    /// <summary>The loss of a batch, without dropout.</summary>
    /// <param name="batch">Inputs and targets.</param>
    /// <exception cref="ArgumentException">The batch is not one that the model takes; the message says how.</exception>
    /// <exception cref="InvalidOperationException">The batch has no targets.</exception>
    public BatchLoss Evaluate(in Batch batch)
    {
        Forward(batch);
        return TakeLosses(batch.Shape);
    }

    /// <summary>Opens a stream through the network that is fed one step at a time.</summary>
    /// <param name="rows">N, sequences side by side.</param>
    /// <exception cref="InvalidOperationException">The model is no <see cref="SequenceModel"/>, or an output of it depends on later inputs.</exception>
    public SequenceStream OpenStream(int rows = 1) => new(this, rows);

    /// <summary>Frees the memory, and the device if none was given.</summary>
    public void Dispose()
    {
        Run.Dispose();
        _prepared?.Dispose();
        _weights.Dispose();
        if (_ownsDevice) Device.Dispose();
    }

    /// <summary>The weights prepared for the kernels.</summary>
    internal ModelWeights Prepared(bool training)
    {
        if (_prepared is not null && (_isForTraining || !training)) return _prepared;

        // The old ones stay until the new ones are there: there may be no memory for them.
        var prepared = new ModelWeights(Model, Device, training);
        prepared.Load(Weights);
        _prepared?.Dispose();
        (_prepared, _isForTraining) = (prepared, training);
        return prepared;
    }

    /// <summary>Losses of the last forward pass.</summary>
    internal BatchLoss TakeLosses(BatchShape shape)
    {
        var positions = Run.LossShape.Positions;
        if (_losses.Length < positions) _losses = new float[positions];
        Run.Losses(_losses.AsSpan(0, positions));
        double sum = 0;
        foreach (var loss in _losses.AsSpan(0, positions)) sum += loss;
        return new BatchLoss(sum, Run.CountTargets(new RowRange(0, shape.Rows)));
    }

    /// <summary>Takes over the next weights.</summary>
    /// <returns>The memory of the last ones.</returns>
    internal DeviceBuffer Exchange(DeviceBuffer weights)
    {
        (_weights, weights) = (weights, _weights);
        _prepared?.Load(Weights);
        return weights;
    }

    static float[] Initial(Model model, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        var weights = new float[model.Parameters.Length];
        model.Parameters.Initialize(seed, weights);
        return weights;
    }

    void Forward(in Batch batch)
    {
        Run.Load(batch);
        Run.Forward(Prepared(training: false), training: false);
    }
}
