using LstmCluster.Compute;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Uses a trained model. A run directory is all that is needed: it has the job, the weights, and what tokens and classes mean.</summary>
/// <remarks>What is said of an input does not depend on what is asked beside it. It is used by one thread at a time.</remarks>
public sealed class Predictor : IDisposable
{
    readonly TrainedModel _trained;
    readonly ModelRun _run;
    readonly ModelWeights _weights;
    readonly InputBatch _batch;
    readonly Answers _answers;

    Predictor(TrainedModel trained, PredictionOptions options)
    {
        _trained = trained;
        _answers = Answers.Of(trained, options);
        _run = trained.CreateRun(out _weights);
        _batch = new InputBatch(trained.Job.Data.Features ?? 0);
        Inputs = new InputEncoder(trained.Job, trained.Encoding);
    }

    /// <summary>The job that trained the model.</summary>
    public Job Job => _trained.Job;

    /// <summary>From texts to what the model reads.</summary>
    public InputEncoder Inputs { get; }

    /// <summary>Loads the result of a run, or the newest good checkpoint while there is none.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="options">How sequences are searched; null for a beam of five.</param>
    /// <param name="refused">Hears of each damaged checkpoint that was passed over.</param>
    /// <param name="device">Opens the device that it is to run on; null for a thread of the processor.</param>
    /// <param name="choice">Which weights; null for what the job says.</param>
    /// <exception cref="UserErrorException">It is no run directory, holds no weights that can be used, or is of a task that has no rows to predict.</exception>
    /// <exception cref="CorruptFileException">Its result is damaged, and there is no checkpoint.</exception>
    public static Predictor Load(
        string run, PredictionOptions? options = null, Action<string>? refused = null, Func<IDevice>? device = null, WeightsChoice? choice = null)
    {
        var trained = TrainedModel.Load(run, refused, device, choice);
        try
        {
            Refuse(trained.Job.Task, run);
            return new Predictor(trained, options ?? new PredictionOptions());
        }
        catch
        {
            trained.Dispose();
            throw;
        }
    }

    /// <summary>Says something of an input.</summary>
    /// <param name="input">A text as in the job's input column.</param>
    /// <exception cref="UserErrorException">It is empty, or does not hold what the model reads.</exception>
    public Prediction Predict(string input) => Predict([input])[0];

    /// <summary>Says something of each input.</summary>
    /// <param name="inputs">Texts as in the job's input column.</param>
    /// <exception cref="UserErrorException">One is empty, or does not hold what the model reads; names which.</exception>
    public IReadOnlyList<Prediction> Predict(IReadOnlyList<string> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return Predict([.. inputs.Select((text, index) => Inputs.Encode(text, line: index + 1))]);
    }

    /// <summary>Says something of each input.</summary>
    /// <param name="inputs">Inputs as <see cref="Inputs"/> reads them.</param>
    public IReadOnlyList<Prediction> Predict(IReadOnlyList<Sample> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return inputs.Count == 0 ? [] : _answers.To(inputs, _batch, _run, _weights);
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        (_answers as IDisposable)?.Dispose();
        _run.Dispose();
        _trained.Dispose();
    }

    static void Refuse(TaskOptions task, string run)
    {
        if (task is LanguageModelTask) throw UserErrorException.At(run, "is of a language model, which has no rows to predict: generate continues texts with it");
        if (task.HasWindows) throw UserErrorException.At(run, "is of windows of a table, which eval compares with what came: predict takes classifier, tagger, regressor or seq2seq");
    }
}
