using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Coordinator.Tests;

/// <summary>Every kind of task from its files to its weights, on real threads and a real disk: neither workers nor resuming show in the bits.</summary>
public sealed class TaskBitsTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Tasks => [.. SmallTask.Names];

    [Theory]
    [MemberData(nameof(Tasks))]
    public async Task The_weights_have_the_same_bits_for_one_two_and_three_workers_and_when_the_run_is_resumed(string task)
    {
        var job = SmallTask.Write(task, _folder);
        var alone = await TrainAsync(job, "alone", workers: 1);
        (await TrainAsync(job, "two", workers: 2)).ShouldBe(alone);
        (await TrainAsync(job, "three", workers: 3)).ShouldBe(alone);

        // Once within a pass and once behind its end; what comes after is computed by others.
        foreach (var (steps, workers) in new[] { (3, 3), (11, 1) })
            (await TrainAsync(job with { Training = job.Training with { Steps = steps } }, "parts", workers)).Weights.ShouldNotBe(alone.Weights, "there is something left to train");
        (await TrainAsync(job, "parts", workers: 3)).ShouldBe(alone);
    }

    [Theory]
    [InlineData("words")]
    [InlineData("byte pairs")]
    public async Task Tokens_that_are_read_from_a_file_lead_to_the_same_weights(string task)
    {
        var job = SmallTask.Write(task, _folder);
        var kept = new FetchOptions { CacheDirectory = _folder["cache"], LargestTextInMemory = 0 };

        (await TrainAsync(job, "file", workers: 3, kept)).ShouldBe(await TrainAsync(job, "memory", workers: 1));
        Directory.GetDirectories(_folder["cache"]).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("tagger")]
    [InlineData("classifier of texts")]
    [InlineData("seq2seq")]
    [InlineData("classifier of vectors")]
    [InlineData("forecaster")]
    [InlineData("anomaly")]
    public async Task What_is_too_large_for_memory_leads_to_the_same_weights(string task)
    {
        var job = SmallTask.Write(task, _folder);
        var kept = new FetchOptions { CacheDirectory = _folder["cache"], LargestRowsInMemory = 500 };

        (await TrainAsync(job, "file", workers: 3, kept)).ShouldBe(await TrainAsync(job, "memory", workers: 1));

        // Images that are not packed are read from their own file.
        Directory.Exists(_folder["cache/spool"]).ShouldBe(task != "classifier of vectors");
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Losses are compared too: a validation must not depend on workers either.</summary>
    async Task<(string Weights, double? Validation)> TrainAsync(Job job, string run, int workers, FetchOptions? fetching = null)
    {
        var options = new TrainingRunOptions { Run = _folder[run], Resume = true, Devices = [.. Enumerable.Repeat<Func<IDevice>>(CpuDevice.Create, workers)], Fetching = fetching ?? new FetchOptions() };
        await using var training = await TrainingRun.StartAsync(job, options, [], TestContext.Current.CancellationToken);
        var finished = (await training.WaitAsync()).ShouldBeOfType<RunFinished>();
        finished.Step.ShouldBe(job.Training.Steps);
        return (finished.WeightsSha256, finished.ValidationLoss);
    }
}
