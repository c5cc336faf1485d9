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
    /// <exception cref="UserErrorException">It is no run, or nothing in it can be used.</exception>
    public static TrainedModel Load(string run, Func<IDevice> device)
    {
        try
        {
            return TrainedModel.Load(run, refused => Console.Error.WriteLine($"{CommandLine.Name}: {refused}"), device);
        }
        catch (Exception error) when (error is CorruptFileException or IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{run}: the weights cannot be used: {error.Message}", error);
        }
    }
}
