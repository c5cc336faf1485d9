using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The coordinator's end of the network: where workers of other processes join.</summary>
sealed class RunNetwork : IAsyncDisposable
{
    const long LeastPayloadBytes = 16L << 20;

    // Weights and their average, of the version in use and of the one before: who is further behind does not keep up.
    const int VectorsInFlight = 4;

    // Enough for one batch to be on its way while the results of a lost worker's are asked of another.
    const int BatchesInFlight = 2;

    // What is said of each shard of an assignment or of its results, figures and payloads apart; and what else is said.
    const int ShardBytes = 128, OtherBytes = 64 << 10;

    // The figures of a validation, told by all workers together, and once more by those who have been asked again.
    const int FiguresInFlight = 2;

    readonly NetworkNode _node;

    RunNetwork(NetworkNode node, IPEndPoint address) => (_node, Address) = (node, address);

    /// <summary>Where it listens, with the port that was given.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Listens for workers.</summary>
    /// <param name="endpoint">Where; port 0 picks a free one.</param>
    /// <param name="security">Certificates and join token; null for a loopback address.</param>
    /// <param name="runtime">Runs the coordinator.</param>
    /// <param name="pool">What is received is rented from it.</param>
    /// <param name="job">The job.</param>
    /// <param name="model">Its model.</param>
    /// <param name="package">Bytes of the package that workers get.</param>
    /// <exception cref="UserErrorException">The address cannot be listened on, or the model is too large for a message.</exception>
    public static RunNetwork Open(IPEndPoint endpoint, ClusterSecurity? security, ThreadRuntime runtime, PayloadPool pool, Job job, Model model, int package)
    {
        var node = new NetworkNode(runtime, new TrainerCodec(), pool, ClusterSecurity.Secure(Limits(job, model, package), security));
        try
        {
            return new RunNetwork(node, node.Listen(endpoint));
        }
        catch (SocketException failed)
        {
            throw new UserErrorException($"--listen {endpoint}: the address cannot be listened on: {failed.Message}", failed);
        }
    }

    /// <summary>What the two ends hold for each other: as much as this model and these batches need.</summary>
    /// <param name="job">The job.</param>
    /// <param name="model">Its model.</param>
    /// <param name="package">Bytes of the package that workers get.</param>
    /// <exception cref="UserErrorException">The model is too large for a message.</exception>
    internal static NetworkOptions Limits(Job job, Model model, int package)
    {
        var vector = (long)model.Parameters.Length * sizeof(float);

        // A step's numbers, or its token and the characters of it; its answers; its class.
        var inputs = model is SequenceModel { Embedding: null } numbers ? numbers.Features : 1 + (job.Model.Characters?.Length ?? 0);
        long rows = job.Training.Batch, perStep = inputs + model.Outputs + 1;
        var batch = rows * (model.StateSize + (job.Training.Length * perStep)) * sizeof(float);
        var largest = Math.Max(Math.Max(vector, batch), Math.Max(package, LeastPayloadBytes));
        if (largest > int.MaxValue)
        {
            throw new UserErrorException(string.Create(
                CultureInfo.InvariantCulture,
                $"--listen: {model.Parameters.Length} parameters and batches of {batch} bytes cannot be sent to other processes, at most {int.MaxValue} bytes at a time can"));
        }

        var options = new NetworkOptions
        {
            Name = "coordinator",
            MaxPayloadBytes = (int)largest,
            TensorQueueBytes = (VectorsInFlight * vector) + (BatchesInFlight * batch) + LeastPayloadBytes,
        };
        var message = MessageBytes(job, model);
        if (message > HostProcess.LargestMessageBytes)
        {
            throw new UserErrorException(string.Create(
                CultureInfo.InvariantCulture,
                $"--listen: the figures of {model.Outputs} outputs in {job.Training.Shards} shards take {message} bytes, at most {HostProcess.LargestMessageBytes} can be sent by other processes"));
        }

        return options with
        {
            MaxMessageBytes = Math.Max(options.MaxMessageBytes, (int)message),
            WindowBytes = (int)Math.Min(int.MaxValue, options.WindowBytes + (FiguresInFlight * message)),
        };
    }

    /// <summary>The largest message without its payloads: the figures of all shards of a validation's batch, where one worker has computed it.</summary>
    static long MessageBytes(Job job, Model model)
    {
        var training = job.Training;

        // The last batch may have a few rows more: less than one for each shard.
        var positions = ((long)training.Batch + training.Shards) * training.Length;
        var figures = TaskScore.Of(job, model.Outputs)?.MostSums(training.Shards, positions) ?? 0;
        return (figures * sizeof(double)) + ((long)training.Shards * ShardBytes) + OtherBytes;
    }

    /// <summary>The node that listens.</summary>
    public NetworkNode Node => _node;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _node.DisposeAsync();
}
