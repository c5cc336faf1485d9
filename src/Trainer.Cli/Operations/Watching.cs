using LstmCluster.Actors;
using LstmCluster.Training;

namespace LstmCluster.Cli.Operations;

/// <summary>All that watches a process: its log, its metrics and its pages.</summary>
sealed class Watching : IAsyncDisposable
{
    readonly Telemetry? _telemetry;
    readonly TrainingMetrics? _metrics;
    readonly StaleMessages? _stale;
    readonly RunWatch? _watch;
    readonly PrometheusPage? _page;
    readonly PageServer? _server;
    readonly PagesFile? _file;

    Watching(Telemetry? telemetry, TrainingMetrics? metrics, RunWatch? watch, PrometheusPage? page, PageServer? server)
    {
        (_telemetry, _metrics, _watch, _page, _server) = (telemetry, metrics, watch, page, server);
        _stale = telemetry is null ? null : new StaleMessages();
        _file = server is null ? null : PagesFile.Of(server.Address);
        var observers = new List<ITrainingObserver>();
        if (ProcessLog.Current.IsStructured) observers.Add(new EventLog(ProcessLog.Current.Logger("LstmCluster.Training")));
        if (metrics is not null) observers.Add(metrics);
        if (watch is not null) observers.Add(watch);
        if (_file is not null) observers.Add(new Leaving(_file));
        Observers = observers;
    }

    /// <summary>Who has to hear of the run; none where nobody watches.</summary>
    public IReadOnlyList<ITrainingObserver> Observers { get; }

    /// <summary>Who has to hear of the actors of this process, beside another; null for nobody.</summary>
    public IActorObserver? Beside(IActorObserver? other) => ActorObservers.Of(_stale, other);

    /// <summary>Base address of the pages; null where there are none.</summary>
    public string? Address => _server?.Address.ToString().TrimEnd('/');

    /// <summary>Begins to watch, before anything else is done.</summary>
    /// <param name="settings">What was asked for.</param>
    /// <exception cref="Protocol.UserErrorException">The pages' address cannot be listened on.</exception>
    public static async Task<Watching> StartAsync(OperationsSettings settings)
    {
        if (settings.Pages is not { } endpoint)
        {
            var collected = Telemetry.Start(settings.Role, settings.Collector, page: null);
            return new Watching(collected, collected is null || !settings.LeadsRun ? null : new TrainingMetrics(), null, null, null);
        }

        var page = new PrometheusPage();
        var watch = new RunWatch(TimeProvider.System);
        var telemetry = Telemetry.Start(settings.Role, settings.Collector, page);
        try
        {
            return new Watching(telemetry, new TrainingMetrics(), watch, page, await PageServer.StartAsync(endpoint, watch, page).ConfigureAwait(false));
        }
        catch
        {
            telemetry?.Dispose();
            page.Dispose();
            throw;
        }
    }

    /// <summary>From now on the pages ask the coordinator.</summary>
    public void Begin(TrainingRun run) => _watch?.Begin(run.StatusAsync, () => run.Network);

    /// <summary>From now on there is no coordinator to ask; what was counted last is still sent.</summary>
    public void End()
    {
        _watch?.End();
        if (_file is not null && _watch?.Run is { } run) _file.Remove(run);
        _telemetry?.Dispose();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        End();
        if (_server is not null) await _server.DisposeAsync().ConfigureAwait(false);
        _page?.Dispose();
        _metrics?.Dispose();
        _stale?.Dispose();
    }

    /// <summary>Leaves the pages' address in the run directory once it is open.</summary>
    sealed class Leaving(PagesFile file) : ITrainingObserver
    {
        public void On(TrainingEvent happened)
        {
            if (happened is RunStarted started && file.Write(started.Run) is { } failure)
                ProcessLog.Current.Error($"{started.Run}: {RunDirectory.PagesFile} could not be written, so that status does not find this process by the run directory: {failure}");
        }
    }
}
