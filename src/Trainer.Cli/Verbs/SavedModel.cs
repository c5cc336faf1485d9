using LstmCluster.Compute;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Cli.Verbs;

/// <summary>Loads the model of a run for a person who named it.</summary>
static class SavedModel
{
    /// <summary>The result of a run, or its newest good checkpoint. Damaged files that are passed over are named on standard error.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="device">Opens the device that it is to run on.</param>
    /// <param name="choice">Which weights; null for what the job says.</param>
    /// <exception cref="UserErrorException">It is no run, or nothing in it can be used.</exception>
    public static TrainedModel Load(string run, Func<IDevice> device, WeightsChoice? choice) => Use(run, refused => TrainedModel.Load(run, refused, device, choice));

    /// <summary>The same, ready to predict.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="options">How sequences are searched.</param>
    /// <param name="device">Opens the device that it is to run on.</param>
    /// <param name="choice">Which weights; null for what the job says.</param>
    /// <exception cref="UserErrorException">It is no run, or nothing in it can be used.</exception>
    public static Predictor LoadPredictor(string run, PredictionOptions options, Func<IDevice> device, WeightsChoice? choice) =>
        Use(run, refused => Predictor.Load(run, options, refused, device, choice));

    static T Use<T>(string run, Func<Action<string>, T> load)
    {
        try
        {
            return load(refused => Console.Error.WriteLine($"{CommandLine.Name}: {refused}"));
        }
        catch (Exception error) when (error is CorruptFileException or IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{run}: the weights cannot be used: {error.Message}", error);
        }
    }
}
