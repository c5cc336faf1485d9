using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>A model out of a run directory: job, vocabulary, weights.</summary>
public sealed class TrainedModel : IDisposable
{
    /// <summary>Under which a weights file keeps its vocabulary.</summary>
    public const string VocabularyKey = "vocabulary";

    readonly CpuDevice _device;
    readonly DeviceBuffer _parameters;
    readonly ModelWeights _weights;

    TrainedModel(Job job, Vocabulary vocabulary, SequenceModel model, float[] parameters, string from)
    {
        (Job, Vocabulary, Model, From) = (job, vocabulary, model, from);
        _device = CpuDevice.Create();
        _parameters = _device.Import(parameters);
        _weights = new ModelWeights(model, _device, training: false);
        _weights.Load(_parameters.All);
    }

    /// <summary>The job that trained it.</summary>
    public Job Job { get; }

    /// <summary>Its tokens.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>Its layers.</summary>
    public SequenceModel Model { get; }

    /// <summary>The file or checkpoint that the weights are from.</summary>
    public string From { get; }

    /// <summary>Loads the result of a run, or the newest good checkpoint while there is none.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="refused">Hears of each damaged checkpoint that was passed over.</param>
    /// <exception cref="UserErrorException">It is no run directory, or holds no weights that can be used.</exception>
    public static TrainedModel Load(string run, Action<string>? refused = null)
    {
        var jobFile = Path.Combine(run, RunDirectory.JobFile);
        if (!File.Exists(jobFile)) throw UserErrorException.At(run, $"is no run directory: it has no {RunDirectory.JobFile}");
        var job = JobReader.ReadFile(jobFile);
        var (tensors, metadata, from) = ReadWeights(run, refused);
        if (!metadata.TryGetValue(VocabularyKey, out var serialized)) throw UserErrorException.At(from, "holds no vocabulary");
        var vocabulary = Vocabulary.Parse(serialized);
        var model = JobMapping.Model(job, vocabulary.Size);
        var parameters = new float[model.Parameters.Length];
        new CheckpointContent(model.Parameters, [], job.Training.Shards, model.StateSize).FromTensors(tensors, parameters);
        return new TrainedModel(job, vocabulary, model, parameters, from);
    }

    /// <summary>Continues a text.</summary>
    /// <param name="prompt">What comes before; the model reads it first. Must not be empty.</param>
    /// <param name="sampler">Draws the tokens.</param>
    /// <param name="count">Number of tokens to draw.</param>
    /// <returns>The drawn tokens, one by one as they are drawn.</returns>
    /// <exception cref="UserErrorException">The prompt holds a character that the model does not know.</exception>
    public IEnumerable<int> Generate(string prompt, Sampler sampler, int count)
    {
        ArgumentException.ThrowIfNullOrEmpty(prompt);
        ArgumentNullException.ThrowIfNull(sampler);
        return Draw(Vocabulary.Encode(prompt), sampler, count);
    }

    /// <summary>Evaluates the held-out part of the job's data.</summary>
    /// <param name="data">The data.</param>
    /// <returns>Sum of losses in nats, and number of target tokens.</returns>
    public (double Loss, long Tokens) Evaluate(TokenStreams data)
    {
        ArgumentNullException.ThrowIfNull(data);
        using var run = new SequenceRun(Model, _device);
        var (inputs, targets, losses) = (new int[data.Length * data.Batch], new int[data.Length * data.Batch], new float[data.Length * data.Batch]);
        var states = new float[data.Batch * Model.StateSize];
        double loss = 0;
        long tokens = 0;
        foreach (var (position, length) in data.Pieces())
        {
            var shape = new BatchShape(length, data.Batch);
            data.Fill(position, length, 0, data.Batch, inputs.AsSpan(0, shape.Positions), targets.AsSpan(0, shape.Positions));
            run.Load(shape, inputs.AsSpan(0, shape.Positions), targets.AsSpan(0, shape.Positions), [new ShardRows(0, new RowRange(0, data.Batch))]);
            for (var row = 0; row < data.Batch; row++) run.WriteState(row, StateOf(states, row));
            run.Forward(_weights, training: false);
            run.Losses(losses.AsSpan(0, shape.Positions));
            for (var row = 0; row < data.Batch; row++) run.ReadState(row, StateOf(states, row));
            for (var at = 0; at < shape.Positions; at++) loss += losses[at];
            tokens += shape.Positions;
        }

        return (loss, tokens);
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        _weights.Dispose();
        _parameters.Dispose();
        _device.Dispose();
    }

    IEnumerable<int> Draw(int[] tokens, Sampler sampler, int count)
    {
        using var run = new SequenceRun(Model, _device);
        var state = new float[Model.StateSize];
        var logits = new float[Model.Outputs];
        foreach (var token in tokens) Feed(run, token, state);
        for (var drawn = 0; drawn < count; drawn++)
        {
            run.ReadOutputs(logits);
            var token = sampler.Next(logits);
            yield return token;
            Feed(run, token, state);
        }
    }

    void Feed(SequenceRun run, int token, float[] state)
    {
        run.Load(new BatchShape(1, 1), [token], [], [new ShardRows(0, new RowRange(0, 1))]);
        run.WriteState(0, state);
        run.Forward(_weights, training: false);
        run.ReadState(0, state);
    }

    Span<float> StateOf(float[] states, int row) => states.AsSpan(row * Model.StateSize, Model.StateSize);

    static (IReadOnlyList<TensorData> Tensors, IReadOnlyDictionary<string, string> Metadata, string From) ReadWeights(string run, Action<string>? refused)
    {
        var result = Path.Combine(run, RunDirectory.WeightsFile);
        if (File.Exists(result))
        {
            try
            {
                using var stream = File.OpenRead(result);
                var read = Safetensors.Read(stream);
                return (read.Tensors, read.Metadata, result);
            }
            catch (CorruptFileException error)
            {
                refused?.Invoke($"{result} refused: {error.Message}");
            }
        }

        var store = new CheckpointStore(new DiskRunFiles(), run, refused);
        var newest = store.Newest() ?? throw UserErrorException.At(run, "holds no weights yet: train it first");
        return (ResultWeights.Of(newest), newest.Metadata, store.PathOf(newest.Manifest.Step));
    }
}
