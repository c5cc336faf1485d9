using System.Net;

namespace Cluster.Tests;

/// <summary>A coordinator, workers and perhaps parameter servers as processes of their own; each can be started again under its name.</summary>
/// <param name="workspace">Where the job is.</param>
/// <param name="workers">How many workers, each with one slot.</param>
/// <param name="placement">Where they run.</param>
/// <param name="settings">Settings of the job, as <c>--set</c> takes them; the job has no end that it would reach.</param>
sealed class TrainingCluster(Workspace workspace, int workers, Placement placement, params string[] settings) : IAsyncDisposable
{
    // After the last fault some steps are done by all before the run ends.
    const long StepsAtTheEnd = 50;

    const long Endless = 1_000_000;

    static readonly TimeSpan EndLimit = TimeSpan.FromMinutes(1);

    readonly List<WatchedProcess> _past = [];
    readonly WatchedProcess?[] _workers = new WatchedProcess?[workers];
    readonly List<WatchedProcess> _servers = [];
    readonly List<WatchedProcess> _coordinators = [];
    WatchedProcess? _coordinator;

    /// <summary>Workers that a coordinator waits for before its first step; all of them where it is not said.</summary>
    public int? MinWorkers { get; set; }

    /// <summary>Parameter servers as processes of their own; without any the coordinator keeps the parameters.</summary>
    public int ServerCount { get; init; }

    /// <summary>The coordinator that was started last, or the one that was found to lead.</summary>
    public WatchedProcess Coordinator => _coordinator!;

    /// <summary>The coordinators, of which one leads and the others stand by; as many as were started besides one another.</summary>
    public IReadOnlyList<WatchedProcess> Coordinators => _coordinators;

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => IPEndPoint.Parse(placement.Address);

    /// <summary>The workers that were started last.</summary>
    public IReadOnlyList<WatchedProcess> Workers => [.. _workers.OfType<WatchedProcess>()];

    /// <summary>The parameter servers that were started last.</summary>
    public IReadOnlyList<WatchedProcess> Servers => [.. _servers];

    /// <summary>Starts all and waits for the first steps by all.</summary>
    public async Task StartAsync()
    {
        StartCoordinator();
        for (var server = 0; server < ServerCount; server++) StartServer(server);
        for (var worker = 0; worker < workers; worker++) StartWorker(worker);
        await WaitForStepByAsync(workers, 0);
    }

    /// <summary>Starts a coordinator, which goes on where the last one was, or stands by.</summary>
    /// <param name="steps">Steps of the job.</param>
    public WatchedProcess StartCoordinator(long steps = Endless)
    {
        var (prefix, more) = placement.Coordinator;
        _coordinator = Start(
            "coordinator", prefix,
            [
                "train", "job.yaml", "--json", "--run", "run", "--resume", "--listen", placement.Address, "--workers", "0", "--min-workers", $"{MinWorkers ?? workers}", .. more,
                .. ServerCount > 0 ? new[] { "--parameter-server-processes", $"{ServerCount}" } : [],
                .. settings.Append($"training.steps={steps}").SelectMany(setting => new[] { "--set", setting }),
            ]);
        _coordinators.RemoveAll(process => !process.IsRunning);
        _coordinators.Add(_coordinator);
        return _coordinator;
    }

    /// <summary>Starts a worker.</summary>
    public WatchedProcess StartWorker(int worker)
    {
        var (prefix, more) = placement.Worker(worker);
        return _workers[worker] = Start($"worker-{worker}", prefix, ["worker", "--slots", "1", .. more]);
    }

    /// <summary>Starts a parameter server.</summary>
    public WatchedProcess StartServer(int server)
    {
        var (prefix, more) = placement.Server;
        var process = Start($"parameter-server-{server}", prefix, ["parameter-server", .. more]);
        if (server == _servers.Count) _servers.Add(process);
        else _servers[server] = process;
        return process;
    }

    /// <summary>Starts one more worker, which looks for the coordinator elsewhere and is the caller's to end.</summary>
    public WatchedProcess StartWorkerAt(string address, params string[] arguments) =>
        new("worker", Command.Launch(workspace.Folder, [], ["worker", "--coordinator", address, "--slots", "1", .. arguments]));

    /// <summary>Waits for a step by so many workers.</summary>
    /// <param name="count">The workers.</param>
    /// <param name="from">Number of the coordinator's first line that is looked at.</param>
    public Task<ProcessLine> WaitForStepByAsync(int count, int from) =>
        Coordinator.WaitForAsync(line => line.Is("step") && line.Json!.Value.Whole("workers") == count, $"a step by {count} workers", from);

    /// <summary>Waits for a step by all workers, of whichever coordinator leads. One that was deposed meanwhile is started again, as whoever watches over it would do.</summary>
    public async Task FindLeaderAsync()
    {
        _coordinators.RemoveAll(coordinator => !coordinator.IsRunning && !IsDeposed(coordinator));
        while (true)
        {
            var leads = _coordinators.ToDictionary(
                coordinator => coordinator,
                coordinator => coordinator.WaitForAsync(line => line.Is("step") && line.Json!.Value.Whole("workers") == workers, $"a step by {workers} workers", coordinator.Count));
            var first = await Task.WhenAny(leads.Select(lead => lead.Value));
            _coordinator = leads.Single(lead => lead.Value == first).Key;
            if (!IsDeposed(_coordinator))
            {
                await first;
                return;
            }

            await _coordinator.ExitAsync();
            StartCoordinator();
        }
    }

    /// <summary>True for a coordinator that has ended because another one was elected.</summary>
    public static bool IsDeposed(WatchedProcess coordinator) =>
        !coordinator.IsRunning && coordinator.Errors.Contains("deposed", StringComparison.Ordinal);

    /// <summary>Everybody is back: gives the run an end that it can reach, waits for it, and compares the weights with those of one worker that nothing happened to.</summary>
    /// <param name="seed">What repeats the run, for the message.</param>
    /// <returns>Steps of the run.</returns>
    public async Task<long> ShouldEndAsIfUndisturbedAsync(string seed)
    {
        await FindLeaderAsync();
        var leader = Coordinator;
        foreach (var coordinator in Coordinators.Where(process => process != leader && process.IsRunning).Append(leader))
        {
            coordinator.Send(Signal.Interrupt);
            (await coordinator.ExitAsync()).ShouldBe(130, Story);
        }

        var steps = leader.LastStep + StepsAtTheEnd;

        // With all of them: this process knows nothing of those that were there before it, and does not wait for them when it has ended.
        MinWorkers = null;
        StartCoordinator(steps);
        (await Coordinator.ExitAsync(EndLimit)).ShouldBe(0, Story);
        foreach (var process in Workers.Concat(Servers)) (await process.ExitAsync(EndLimit)).ShouldBe(0, process.Story);
        foreach (var process in _past.Where(process => !IsDeposed(process))) process.Errors.ShouldBeEmpty(process.Story);
        var hash = (await Coordinator.WaitForEventAsync("finished")).Json!.Value.Text("weights_sha256");
        hash.ShouldBe(await Undisturbed.HashAsync(workspace, [.. settings, $"training.steps={steps}"]), seed);
        return steps;
    }

    /// <summary>What the processes wrote, for the message of a test that fails.</summary>
    public string Story => string.Join("\n\n", _past.Where(process => process.IsRunning || process == _coordinator).Select(process => process.Story));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in _past) await process.DisposeAsync();
    }

    WatchedProcess Start(string name, IReadOnlyList<string> prefix, IReadOnlyList<string> arguments)
    {
        var process = new WatchedProcess(name, Command.Launch(workspace.Folder, prefix, arguments));
        _past.Add(process);
        return process;
    }
}
