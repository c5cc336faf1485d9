using System.Globalization;

namespace Cluster.Tests;

/// <summary>The batch script of <c>deploy/slurm</c> under a real Slurm on this machine; skipped, and it says so, where there is none.</summary>
[Trait("Category", "Slow")]
public sealed class SlurmScriptTests : IAsyncLifetime
{
    readonly Workspace _workspace = new();
    SlurmMachine _slurm = null!;

    public async ValueTask InitializeAsync()
    {
        SlurmMachine.SkipUnlessInstalled();
        _slurm = await SlurmMachine.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_slurm is not null) await _slurm.DisposeAsync();
        _workspace.Dispose();
    }

    [Fact]
    public async Task A_batch_job_with_two_tasks_gives_the_weights_of_one_process()
    {
        var job = await SubmitAsync("training.steps=200");

        var state = await _slurm.WaitForAsync(job, "COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL");

        state.ShouldBe("COMPLETED", Said());
        Events().Count(e => e.Text("event") == "worker_joined").ShouldBe(2, Said());
        Hash().ShouldBe((await _workspace.TrainAsync("--run", "alone", "--workers", "1")).Hash);
    }

    [Fact]
    public async Task A_job_whose_time_is_up_is_requeued_and_goes_on_to_the_same_weights()
    {
        var job = await SubmitAsync("training.steps=3000");
        foreach (var part in new[] { "run", "run/checkpoints", "run/checkpoints/step-00000000" }) await _workspace.WaitForAsync(part);
        while (!Directory.EnumerateDirectories(_workspace["run/checkpoints"], "step-*").Any(path => !path.EndsWith("step-00000000", StringComparison.Ordinal))) await Task.Delay(20);
        await _slurm.WarnAsync(job);
        var requeued = await _slurm.WaitForAsync(job, "PENDING", "COMPLETED", "FAILED", "CANCELLED");
        requeued.ShouldBe("PENDING", Said());
        Events()[^1].Text("event").ShouldBe("interrupted");
        await _slurm.BeginSoonAsync(job);

        var state = await _slurm.WaitForAsync(job, "COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL");

        state.ShouldBe("COMPLETED", Said());
        Events().Count(e => e.Text("event") == "started").ShouldBe(2);
        Hash().ShouldBe((await _workspace.TrainAsync("--run", "alone", "--workers", "1", "--set", "training.steps=3000")).Hash);
    }

    [Fact]
    public async Task A_job_file_that_is_wrong_fails_the_batch_job_at_once()
    {
        _workspace.Write("job.yaml", "name: [");

        var job = await SubmitAsync("training.steps=200");

        (await _slurm.WaitForAsync(job, "COMPLETED", "FAILED", "CANCELLED")).ShouldBe("FAILED", Said());
        Said().ShouldContain("job.yaml:2: not valid YAML");
    }

    static string Script()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "LstmCluster.sln"))) folder = folder.Parent ?? throw new InvalidOperationException("the tests must run within the repository");
        return Path.Combine(folder.FullName, "deploy", "slurm", "lstm-cluster.sbatch");
    }

    Task<string> SubmitAsync(string set) => _slurm.SubmitAsync(
        _workspace.Folder,
        new Dictionary<string, string> { ["LSTM_CLUSTER"] = Command.Executable, ["LSTM_CLUSTER_PORT"] = FreePorts.Pick(1)[0].ToString(CultureInfo.InvariantCulture) },
        "--ntasks=2", "--cpus-per-task=1", "--output=slurm.out", Script(), "job.yaml", "run", "--set", set);

    string Said() => $"{(File.Exists(_workspace["slurm.out"]) ? File.ReadAllText(_workspace["slurm.out"]) : "the job has said nothing")}\n{_slurm.Story}";

    List<System.Text.Json.JsonElement> Events() => [.. File.ReadLines(_workspace["run/metrics.jsonl"]).Select(Command.Parse)];

    string Hash() => Events()[^1].Text("weights_sha256");
}
