using System.Diagnostics;
using System.Security.Cryptography;

namespace Cluster.Tests;

/// <summary>Slurm on one machine: munged, slurmctld and slurmd as children of the test, with key, configuration, spool and ports of their own.</summary>
sealed class SlurmMachine : IAsyncDisposable
{
    // Only so that a hang becomes a failure.
    static readonly TimeSpan s_limit = TimeSpan.FromMinutes(4);
    static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(100);

    readonly string _folder = Directory.CreateTempSubdirectory("lstm-cluster-slurm-").FullName;
    readonly List<Process> _daemons = [];
    readonly CancellationTokenSource _over = new(s_limit);

    SlurmMachine()
    {
        foreach (var name in new[] { "state", "spool" }) Directory.CreateDirectory(this[name]);
    }

    string this[string name] => Path.Combine(_folder, name);

    /// <summary>Skips the test, and says what is not tested, where Slurm cannot be run.</summary>
    public static void SkipUnlessInstalled()
    {
        foreach (var program in new[] { "munged", "slurmctld", "slurmd", "sbatch" })
            Assert.SkipUnless(Find(program) is not null, $"{program} is not installed (Debian: apt-get install slurm-wlm munge), so THE SLURM SCRIPT IS NOT TESTED");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "slurmd needs root, so THE SLURM SCRIPT IS NOT TESTED");
    }

    /// <summary>Starts the daemons and waits until they take jobs.</summary>
    public static async Task<SlurmMachine> StartAsync()
    {
        var machine = new SlurmMachine();
        try
        {
            await machine.BeginAsync();
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Submits a script.</summary>
    /// <param name="folder">Where the job runs.</param>
    /// <param name="environment">What the job finds in its environment.</param>
    /// <param name="arguments">Options of sbatch, the script, its arguments.</param>
    /// <returns>The job's number.</returns>
    public async Task<string> SubmitAsync(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        (await RunAsync("sbatch", ["--parsable", .. arguments], folder, environment)).Trim();

    /// <summary>Sends a signal to a job's script alone.</summary>
    public Task WarnAsync(string job) => RunAsync("scancel", ["--batch", "--signal=USR1", job]);

    /// <summary>Lets a requeued job begin without its usual delay; not in the second in which it was requeued, since credentials are told apart by the second.</summary>
    public Task BeginSoonAsync(string job) => RunAsync("scontrol", ["update", $"JobId={job}", "StartTime=now+3seconds"]);

    /// <summary>Waits until a job is in one of some states.</summary>
    /// <returns>The state.</returns>
    public async Task<string> WaitForAsync(string job, params string[] states)
    {
        while (true)
        {
            var shown = await RunAsync("scontrol", ["show", "job", job]);
            var state = shown.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).First(word => word.StartsWith("JobState=", StringComparison.Ordinal))["JobState=".Length..];
            if (states.Contains(state)) return state;
            await Task.Delay(s_between, _over.Token);
        }
    }

    /// <summary>What the daemons wrote, for the message of a test that fails.</summary>
    public string Story => string.Join('\n', Directory.EnumerateFiles(_folder, "*.log").Select(log => $"{Path.GetFileName(log)}:\n{string.Join('\n', File.ReadLines(log).TakeLast(30))}"));

    public async ValueTask DisposeAsync()
    {
        foreach (var daemon in Enumerable.Reverse(_daemons))
        {
            // With the steps of jobs that still run.
            if (!daemon.HasExited) daemon.Kill(entireProcessTree: true);
            await daemon.WaitForExitAsync();
            daemon.Dispose();
        }

        _over.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    async Task BeginAsync()
    {
        await File.WriteAllBytesAsync(this["munge.key"], RandomNumberGenerator.GetBytes(128));
        File.SetUnixFileMode(this["munge.key"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Start(
            "munged", "--force", "--foreground", $"--key-file={this["munge.key"]}", $"--socket={this["munge.socket"]}", $"--log-file={this["munged.log"]}",
            $"--pid-file={this["munged.pid"]}", $"--seed-file={this["munge.seed"]}");
        while (!File.Exists(this["munge.socket"])) await Task.Delay(s_between, _over.Token);
        await File.WriteAllTextAsync(this["slurm.conf"], Configuration());
        await File.WriteAllTextAsync(this["cgroup.conf"], "CgroupPlugin=cgroup/v1\n");
        Start("slurmctld", "-D", "-c");
        Start("slurmd", "-D", "-c");
        while (!(await RunAsync("scontrol", ["ping"], mayFail: true)).Contains("UP", StringComparison.Ordinal)) await Task.Delay(s_between, _over.Token);
    }

    string Configuration()
    {
        var host = Environment.MachineName.Split('.')[0];
        var ports = FreePorts.Pick(2);
        return $"""
            ClusterName=test
            SlurmctldHost={host}(127.0.0.1)
            SlurmUser=root
            SlurmdUser=root
            AuthType=auth/munge
            AuthInfo=socket={this["munge.socket"]}
            CredType=cred/munge
            MpiDefault=none
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_Core
            SlurmdParameters=config_overrides
            SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
            AccountingStorageType=accounting_storage/none
            JobAcctGatherType=jobacct_gather/none
            ReturnToService=2
            SlurmctldPort={ports[0]}
            SlurmdPort={ports[1]}
            StateSaveLocation={this["state"]}
            SlurmdSpoolDir={this["spool"]}
            SlurmctldPidFile={this["slurmctld.pid"]}
            SlurmdPidFile={this["slurmd.pid"]}
            SlurmctldLogFile={this["slurmctld.log"]}
            SlurmdLogFile={this["slurmd.log"]}
            NodeName={host} NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
            PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=YES:8

            """;
    }

    void Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(program)!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["SLURM_CONF"] = this["slurm.conf"];
        var daemon = Process.Start(start)!;
        daemon.OutputDataReceived += (_, _) => { };
        daemon.ErrorDataReceived += (_, _) => { };
        daemon.BeginOutputReadLine();
        daemon.BeginErrorReadLine();
        _daemons.Add(daemon);
    }

    async Task<string> RunAsync(
        string program, IReadOnlyList<string> arguments, string? folder = null, IReadOnlyDictionary<string, string>? environment = null, bool mayFail = false)
    {
        var start = new ProcessStartInfo(Find(program)!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? _folder };
        start.Environment["SLURM_CONF"] = this["slurm.conf"];
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        using var running = Process.Start(start)!;
        var output = running.StandardOutput.ReadToEndAsync(_over.Token);
        var errors = running.StandardError.ReadToEndAsync(_over.Token);
        await running.WaitForExitAsync(_over.Token);
        var said = await errors;
        if (!mayFail) running.ExitCode.ShouldBe(0, $"{program} {string.Join(' ', arguments)}: {said}\n{Story}");
        return await output;
    }

    static string? Find(string program) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
