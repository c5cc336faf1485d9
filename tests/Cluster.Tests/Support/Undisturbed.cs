using LstmCluster.Compute.Cpu;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Cluster.Tests;

/// <summary>The weights of a run by one worker that nothing happens to.</summary>
static class Undisturbed
{
    /// <summary>Hashes of the weights after some steps.</summary>
    /// <param name="workspace">Where the job is.</param>
    /// <param name="steps">After which steps; in this process, since there may be many.</param>
    public static async Task<IReadOnlyDictionary<long, string>> HashesAsync(Workspace workspace, IEnumerable<long> steps)
    {
        var job = JobReader.ReadFile(workspace["job.yaml"], [$"data.source={workspace["text.txt"]}"]);
        var run = workspace["undisturbed"];
        var all = new CheckpointOptions { Every = new CheckpointBySteps(int.MaxValue), Keep = int.MaxValue };
        foreach (var step in steps.Where(step => step > 0).Order())
        {
            var until = job with { Training = job.Training with { Steps = (int)step, Checkpoint = all } };
            var options = new TrainingRunOptions { Run = run, Resume = true, Devices = [CpuDevice.Create] };
            await using var training = await TrainingRun.StartAsync(until, options, []);
            (await training.WaitAsync()).ShouldBeOfType<RunFinished>();
        }

        return new RunCheckpoints(run).Hashes();
    }

    /// <summary>The hash of the weights at the end of a run, as a process of its own.</summary>
    /// <param name="workspace">Where the job is.</param>
    /// <param name="settings">Settings of the job.</param>
    public static async Task<string> HashAsync(Workspace workspace, params string[] settings)
    {
        var run = $"undisturbed-{Guid.NewGuid():N}";
        await using var process = new WatchedProcess("undisturbed", Command.Launch(
            workspace.Folder, [],
            ["train", "job.yaml", "--json", "--run", run, "--workers", "1", .. settings.SelectMany(setting => new[] { "--set", setting })]));
        (await process.ExitAsync(TimeSpan.FromMinutes(5))).ShouldBe(0, process.Story);
        return (await process.WaitForEventAsync("finished")).Json!.Value.Text("weights_sha256");
    }
}
