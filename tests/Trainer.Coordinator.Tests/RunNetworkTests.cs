using System.Globalization;
using System.Net;
using LstmCluster.Actors;
using LstmCluster.Compute.Cpu;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>What the two ends of a connection hold for each other is enough for what they say.</summary>
public sealed class RunNetworkTests : IDisposable
{
    // Only so that a connection that takes nothing is an error and no wait for ever.
    static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_worker_of_another_process_tells_the_figures_of_thousands_of_outputs()
    {
        // Sums of errors of all shards are more than a mebibyte; the last rows join a batch that is full.
        var job = Wide(outputs: 5600);
        var here = (await TrainAsync(job, "here", remote: false)).Single();
        var remote = (await TrainAsync(job, "remote", remote: true)).Single();
        (remote with { Seconds = 0 }).ShouldBe(here with { Seconds = 0 });
        remote.Mae.ShouldNotBeNull();
    }

    [Fact]
    public void A_message_has_room_for_the_figures_of_a_whole_batch_and_no_more_than_a_worker_takes()
    {
        MessageBytes(TinyRows.Classifier(1)).ShouldBe(1 << 20, "what is small anyway has the usual room");
        MessageBytes(Wide(outputs: 5600)).ShouldBeGreaterThan(8 * 3 * 5600 * sizeof(double));
        var tagger = TinyRows.Tagger(1);
        Limits(tagger with { Training = tagger.Training with { Shards = 65536, Batch = 65536, Length = 100 } }, TinyJob.Data(tagger).Encoding).MaxMessageBytes
            .ShouldBeGreaterThan(2 * 2 * 3 * 65536 * sizeof(double), "each shard may take every class for every other");
        var window = Limits(Wide(outputs: 5600)).WindowBytes;
        window.ShouldBeGreaterThan(2 * MessageBytes(Wide(outputs: 5600)), "who has been asked twice answers twice");
        var wide = Wide(outputs: 100_000);
        Should.Throw<UserErrorException>(() => Limits(wide with { Training = wide.Training with { Shards = 512, Batch = 512 } }))
            .Message.ShouldStartWith("--listen: the figures of 100000 outputs in 512 shards take ");
    }

    public void Dispose() => _folder.Dispose();

    static int MessageBytes(Job job) => Limits(job).MaxMessageBytes;

    static NetworkOptions Limits(Job job) =>
        Limits(job, job.Task is RegressorTask ? DataEncoding.Parse(new Dictionary<string, string>(), job) : TinyJob.Data(job).Encoding);

    static NetworkOptions Limits(Job job, DataEncoding encoding) => RunNetwork.Limits(job, ModelMapping.Of(job, encoding), package: 1000);

    Job Wide(int outputs)
    {
        var job = TinyRows.Regressor(steps: 1);
        return job with
        {
            Task = new RegressorTask { Outputs = outputs },
            Data = job.Data with { Source = _folder["rows.tsv"], Features = 1, Split = SplitKind.Order },
            Model = job.Model with { Layers = [new LstmLayerOptions { Units = 2 }], Dropout = 0 },
        };
    }

    async Task<List<ValidationCompleted>> TrainAsync(Job job, string name, bool remote)
    {
        var outputs = ((RegressorTask)job.Task).Outputs;
        File.WriteAllLines(
            job.Data.Source, ["in\tout", .. Enumerable.Range(0, 48).Select(row => string.Create(CultureInfo.InvariantCulture, $"{row * 0.1}\t{string.Join(' ', Enumerable.Range(0, outputs).Select(output => (row + output) % 10))}"))]);
        var (validations, listening) = (new List<ValidationCompleted>(), new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
        var observer = new Listener(happened =>
        {
            if (happened is ValidationCompleted validation) validations.Add(validation);
            if (happened is Listening at) listening.TrySetResult(at.Address);
        });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var training = await TrainingRun.StartAsync(
            job, new TrainingRunOptions { Run = _folder[name], Devices = remote ? [] : [CpuDevice.Create], Listen = remote ? new IPEndPoint(IPAddress.Loopback, 0) : null }, [observer], stop.Token);
        var host = remote ? ComputeAsync(IPEndPoint.Parse(await listening.Task.WaitAsync(s_limit, stop.Token)), stop.Token) : null;
        try
        {
            (await training.WaitAsync().WaitAsync(s_limit, stop.Token)).ShouldBeOfType<RunFinished>();
        }
        finally
        {
            await stop.CancelAsync();
            if (host is not null) await host;
        }

        return validations;
    }

    static async Task ComputeAsync(IPEndPoint coordinator, CancellationToken stop)
    {
        var slots = new WorkerSlots("other", [CpuDevice.Create]);
        try
        {
            await HostProcess.RunAsync(
                new HostProcessOptions
                {
                    Name = "other",
                    Coordinator = coordinator,
                    Host = start => new WorkerHost(start, slots, package => ModelMapping.Of(package.Job, DataEncoding.Parse(package.Encoding, package.Job))),
                    Log = static _ => { },
                },
                stop);
        }
        catch (OperationCanceledException)
        {
            // The run is over, told or not.
        }
    }
}
