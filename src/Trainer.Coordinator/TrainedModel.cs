using System.Runtime.InteropServices;
using System.Security.Cryptography;
using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>A model out of a run directory: job, encoding, weights.</summary>
public sealed class TrainedModel : IDisposable
{
    readonly Func<IDevice> _open;
    readonly IDevice _device;
    readonly DeviceBuffer _parameters;
    readonly ModelWeights _weights;

    TrainedModel(Job job, DataEncoding encoding, Model model, float[] parameters, SavedWeights saved, Func<IDevice>? device)
    {
        (Job, Encoding, Model, From, Metadata) = (job, encoding, model, saved.From, saved.Metadata);
        ParametersSha256 = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(parameters)));
        _open = device ?? CpuDevice.Create;
        _device = _open();
        _parameters = _device.Import(parameters);
        _weights = new ModelWeights(model, _device, training: false);
        _weights.Load(_parameters.All);
    }

    /// <summary>The job that trained it.</summary>
    public Job Job { get; }

    /// <summary>What its numbers mean.</summary>
    public DataEncoding Encoding { get; }

    /// <summary>Its description.</summary>
    public Model Model { get; }

    /// <summary>The file or checkpoint that the weights are from.</summary>
    public string From { get; }

    /// <summary>What is kept beside the weights, by name: <see cref="Encoding"/>, and what the data were that they were trained on (<see cref="JobData.DifferenceFrom"/>).</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>SHA-256 of its parameters in their order, in hexadecimal.</summary>
    public string ParametersSha256 { get; }

    /// <summary>
    /// Loads the result of a run, or the newest good checkpoint while there is none, or since the run goes on beyond it. Where the run keeps the weights of its best validation, these.
    /// </summary>
    /// <param name="run">The run directory.</param>
    /// <param name="refused">Hears of each damaged checkpoint that was passed over.</param>
    /// <param name="device">Opens the device that it is to run on; null for a thread of the processor.</param>
    /// <param name="choice">Which weights; null for what the job says.</param>
    /// <exception cref="UserErrorException">It is no run directory, or holds no weights that can be used, or not those that are meant.</exception>
    /// <exception cref="CorruptFileException">Its result is damaged, and there is no checkpoint.</exception>
    public static TrainedModel Load(string run, Action<string>? refused = null, Func<IDevice>? device = null, WeightsChoice? choice = null)
    {
        var jobFile = Path.Combine(run, RunDirectory.JobFile);
        if (!File.Exists(jobFile)) throw UserErrorException.At(run, $"is no run directory: it has no {RunDirectory.JobFile}");
        var job = JobReader.ReadFile(jobFile);
        var kept = job.Training.KeepBest ? WeightsChoice.Best : WeightsChoice.Last;
        if (choice == WeightsChoice.Best && kept != WeightsChoice.Best) throw UserErrorException.At(run, "keeps no best weights: its job has training.keepBest: false");
        var saved = SavedWeights.Read(run, choice ?? kept, refused)
            ?? throw UserErrorException.At(run, choice == WeightsChoice.Last && kept == WeightsChoice.Best ? "holds no checkpoint, and so no last weights" : "holds no weights yet: train it first");
        var encoding = ReadEncoding(saved.Metadata, job, saved.From);
        var model = ModelMapping.Of(job, encoding);
        var parameters = new float[model.Parameters.Length];
        new CheckpointContent(model.Parameters, [], job.Training.Shards, model.StateSize).FromTensors(saved.Tensors, parameters);
        return new TrainedModel(job, encoding, model, parameters, saved, device);
    }

    /// <summary>The weights, valid as long as this: on its device, and on all that <see cref="OpenDevice"/> opens of the processor.</summary>
    internal ModelWeights Weights => _weights;

    /// <summary>True when several devices can compute with the weights at once: threads of the processor.</summary>
    internal bool IsShared => _device is CpuDevice;

    /// <summary>What the weights are on.</summary>
    internal IDevice Device => _device;

    /// <summary>Opens the device that the model runs on once more.</summary>
    internal IDevice OpenDevice() => _open();

    /// <summary>Makes what runs batches through the model, and gives the weights for it.</summary>
    /// <param name="weights">Valid as long as this.</param>
    internal ModelRun CreateRun(out ModelWeights weights)
    {
        weights = _weights;
        return Model.CreateRun(_device);
    }

    /// <summary>Makes what finds target sequences, and gives the weights for it.</summary>
    /// <param name="weights">Valid as long as this.</param>
    /// <returns>Null for a model that writes no sequences.</returns>
    internal Translator? CreateTranslator(out ModelWeights weights)
    {
        weights = _weights;
        return Model is EncoderDecoder model ? new Translator(model, _device) : null;
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        _weights.Dispose();
        _parameters.Dispose();
        _device.Dispose();
    }

    static DataEncoding ReadEncoding(IReadOnlyDictionary<string, string> metadata, Job job, string from)
    {
        try
        {
            return DataEncoding.Parse(metadata, job);
        }
        catch (CorruptFileException error)
        {
            throw new UserErrorException($"{from}: {error.Message}", error);
        }
    }
}
