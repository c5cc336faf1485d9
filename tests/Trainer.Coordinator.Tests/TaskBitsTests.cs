using LstmCluster.Compute;
using LstmCluster.Compute.Cpu;
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
        foreach (var (steps, workers) in new[] { (3, 3), (5, 2), (11, 1) }) await TrainAsync(job with { Training = job.Training with { Steps = steps } }, "parts", workers);
        (await TrainAsync(job, "parts", workers: 3)).ShouldBe(alone);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public async Task Another_seed_leads_to_other_weights(string task)
    {
        var job = SmallTask.Write(task, _folder);
        job = job with { Training = job.Training with { Steps = 2 } };

        (await TrainAsync(job with { Seed = job.Seed + 1 }, "other", workers: 2)).ShouldNotBe(await TrainAsync(job, "own", workers: 2));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Losses are compared too: a validation must not depend on workers either.</summary>
    async Task<(string Weights, double? Validation)> TrainAsync(Job job, string run, int workers)
    {
        var options = new TrainingRunOptions { Run = _folder[run], Resume = true, Devices = [.. Enumerable.Repeat<Func<IDevice>>(CpuDevice.Create, workers)] };
        await using var training = await TrainingRun.StartAsync(job, options, [], TestContext.Current.CancellationToken);
        var finished = (await training.WaitAsync()).ShouldBeOfType<RunFinished>();
        finished.Step.ShouldBe(job.Training.Steps);
        return (finished.WeightsSha256, finished.ValidationLoss);
    }
}
