using LstmCluster.Compute.Cpu;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>What a run with an average leaves on disk.</summary>
public sealed class AveragedResultTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("averaged-result-");

    [Fact]
    public async Task The_result_is_the_average_and_the_checkpoint_keeps_the_weights()
    {
        var (job, run) = (Job(), Path.Combine(_folder.FullName, "run"));
        var finished = await Train(job, run);

        var checkpoint = new CheckpointStore(new DiskRunFiles(), run).Newest().ShouldNotBeNull();
        using var stream = File.OpenRead(Path.Combine(run, RunDirectory.WeightsFile));
        var result = Safetensors.Read(stream);
        finished.WeightsSha256.ShouldBe(result.DataSha256);
        finished.WeightsSha256.ShouldNotBe(checkpoint.Manifest.WeightsSha256);
        result.Tensors.Select(tensor => tensor.Name).ShouldBe(checkpoint.Weights.Select(tensor => tensor.Name));
        foreach (var tensor in result.Tensors)
        {
            tensor.Floats.ToArray().ShouldBe(checkpoint.Optimizer.Single(vector => vector.Name == $"average.{tensor.Name}").Floats.ToArray());
            tensor.Floats.ToArray().ShouldNotBe(checkpoint.Weights.Single(weights => weights.Name == tensor.Name).Floats.ToArray());
        }
    }

    [Fact]
    public async Task The_validation_loss_is_that_of_the_result_and_of_the_checkpoint_when_it_is_loaded()
    {
        var (job, run) = (Job(), Path.Combine(_folder.FullName, "run"));
        var finished = await Train(job, run);
        var data = await JobData.LoadAsync(job, new FetchOptions(), null, TestContext.Current.CancellationToken);

        MeanLoss(run, data).ShouldBe(finished.ValidationLoss.ShouldNotBeNull(), 1e-6);
        File.Delete(Path.Combine(run, RunDirectory.WeightsFile));
        MeanLoss(run, data).ShouldBe(finished.ValidationLoss.Value, 1e-6);
    }

    [Fact]
    public async Task A_rate_of_no_tensor_is_refused_before_there_is_a_run_directory()
    {
        var (job, run) = (Job(), Path.Combine(_folder.FullName, "run"));
        job = job with { Training = job.Training with { Rates = [new LayerRate("layers.0.weight", 0)] } };

        var refusal = await Should.ThrowAsync<UserErrorException>(() => Train(job, run));

        refusal.Message.ShouldStartWith("training.rates.layers.0.weight names no layer and no tensor: known are embedding.weight, layers.0.weight_ih_l0");
        Directory.Exists(run).ShouldBeFalse();
    }

    public void Dispose() => _folder.Delete(recursive: true);

    static double MeanLoss(string run, JobData data)
    {
        using var model = TrainedModel.Load(run);
        return Evaluation.Of(model, data).Loss;
    }

    static async Task<RunFinished> Train(Job job, string run)
    {
        await using var training = await TrainingRun.StartAsync(
            job, new TrainingRunOptions { Run = run, Devices = [CpuDevice.Create, CpuDevice.Create] }, [], TestContext.Current.CancellationToken);
        return (await training.WaitAsync()).ShouldBeOfType<RunFinished>();
    }

    Job Job()
    {
        var text = Path.Combine(_folder.FullName, "text.txt");
        File.WriteAllText(text, string.Concat(Enumerable.Range(0, 600).Select(index => (char)('a' + (index * index / 3 % 9)))));
        var job = TinyJob.Of(steps: 12);
        return job with
        {
            Data = job.Data with { Source = text },
            Training = job.Training with { Average = new AverageByDecay(0.9) },
        };
    }
}
