using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace LstmCluster.Cli.Operations;

/// <summary>The metrics of this process as a page that Prometheus reads, collected anew each time it is asked for.</summary>
sealed class PrometheusPage : IDisposable
{
    /// <summary>What the page is: the text exposition format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Time that collecting may take.</summary>
    static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    readonly Exporter _exporter = new();
    readonly Lock _gate = new();

    /// <summary>A page that is empty until its reader is added to a provider.</summary>
    public PrometheusPage() => Reader = new BaseExportingMetricReader(_exporter) { TemporalityPreference = MetricReaderTemporalityPreference.Cumulative };

    /// <summary>Collects for the page.</summary>
    public MetricReader Reader { get; }

    /// <summary>The page as it is now; null when the metrics could not be collected.</summary>
    public string? Read()
    {
        lock (_gate) return _exporter.Collect?.Invoke((int)s_limit.TotalMilliseconds) == true ? _exporter.Page : null;
    }

    /// <inheritdoc/>
    public void Dispose() => Reader.Dispose();

    [ExportModes(ExportModes.Pull)]
    sealed class Exporter : BaseExporter<Metric>, IPullMetricExporter
    {
        public string Page { get; private set; } = "";

        public Func<int, bool>? Collect { get; set; }

        public override ExportResult Export(in Batch<Metric> batch)
        {
            var metrics = new List<Metric>();
            foreach (var metric in batch) metrics.Add(metric);
            Page = PrometheusText.Write(metrics);
            return ExportResult.Success;
        }
    }
}
