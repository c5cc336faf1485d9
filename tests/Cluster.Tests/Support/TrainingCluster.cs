using System.Net;
using System.Net.Sockets;

namespace Cluster.Tests;

/// <summary>A coordinator and workers as processes of their own, over loopback; each can be started again under its name.</summary>
/// <param name="workspace">Where the job is.</param>
/// <param name="workers">How many workers, each with one slot.</param>
/// <param name="settings">Settings of the job, as <c>--set</c> takes them.</param>
sealed class TrainingCluster(Workspace workspace, int workers, params string[] settings) : IAsyncDisposable
{
    readonly List<WatchedProcess> _past = [];
    readonly WatchedProcess?[] _workers = new WatchedProcess?[workers];
    readonly string _address = $"127.0.0.1:{FreePort()}";
    WatchedProcess? _coordinator;

    /// <summary>The run directory.</summary>
    public string Run => workspace["run"];

    /// <summary>The coordinator that was started last.</summary>
    public WatchedProcess Coordinator => _coordinator!;

    /// <summary>The workers that were started last.</summary>
    public IReadOnlyList<WatchedProcess> Workers => [.. _workers.Select(worker => worker!)];

    /// <summary>All processes that were ever started, in order.</summary>
    public IEnumerable<WatchedProcess> Everybody => _past;

    /// <summary>Starts all and waits for the first steps by all.</summary>
    public async Task StartAsync()
    {
        StartCoordinator();
        for (var worker = 0; worker < workers; worker++) StartWorker(worker);
        await Coordinator.WaitForAsync(line => line.Is("step") && line.Json!.Value.Whole("workers") == workers, $"a step with {workers} workers");
    }

    /// <summary>Starts the coordinator, which goes on where the last one was.</summary>
    /// <param name="changes">Settings instead of those of the cluster, or besides them.</param>
    public WatchedProcess StartCoordinator(params string[] changes) => _coordinator = Start(
        "coordinator",
        [
            "train", "job.yaml", "--json", "--run", "run", "--resume", "--listen", _address, "--workers", "0", "--min-workers", $"{workers}",
            .. settings.Concat(changes).SelectMany(setting => new[] { "--set", setting }),
        ]);

    /// <summary>Starts a worker.</summary>
    public WatchedProcess StartWorker(int worker) => _workers[worker] = Start($"worker-{worker}", ["worker", "--coordinator", _address, "--slots", "1"]);

    /// <summary>What all processes wrote, for the message of a test that fails.</summary>
    public string Story => string.Join("\n\n", _past.Where(process => process.IsRunning || process == _coordinator).Select(process => process.Story));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in _past) await process.DisposeAsync();
    }

    WatchedProcess Start(string name, IReadOnlyList<string> arguments)
    {
        var process = new WatchedProcess(name, Command.Launch(workspace.Folder, [], arguments));
        _past.Add(process);
        return process;
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
