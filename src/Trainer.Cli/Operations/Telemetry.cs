using System.Globalization;
using LstmCluster.Actors;
using LstmCluster.Protocol;
using LstmCluster.Training;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace LstmCluster.Cli.Operations;

/// <summary>Collects the meters of this process for an OpenTelemetry collector and for the metrics page.</summary>
sealed class Telemetry : IDisposable
{
    /// <summary>Time that a collector has at the end, so that one that hangs does not hold up the process.</summary>
    static readonly TimeSpan s_lastExport = TimeSpan.FromSeconds(2);

    readonly MeterProvider _provider;
    bool _isOver;

    Telemetry(MeterProvider provider) => _provider = provider;

    /// <summary>Begins to collect where somebody wants it; null where nobody does, and then the meters cost nothing.</summary>
    /// <param name="role">What this process is, such as <c>coordinator</c>.</param>
    /// <param name="otlp">The collector; null for that of the environment, if it names one.</param>
    /// <param name="page">The metrics page; null for none.</param>
    public static Telemetry? Start(string role, Uri? otlp, PrometheusPage? page)
    {
        var exports = otlp is not null || IsNamedByEnvironment;
        if (!exports && page is null) return null;
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource
                .AddService("lstm-cluster", serviceVersion: Version, serviceInstanceId: string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}"))
                .AddAttributes([new("lstm_cluster.role", role)])

                // Once more, so that what the environment says of the service wins.
                .AddEnvironmentVariableDetector())
            .AddMeter(TrainingMetrics.MeterName, WorkerMetrics.MeterName, StaleMessages.MeterName, NetworkStatistics.MeterName, "System.Runtime");
        if (page is not null) builder.AddReader(page.Reader);
        if (exports) builder.AddOtlpExporter(options => PointTo(options, otlp));
        return new Telemetry(builder.Build());
    }

    /// <summary>Reads a collector's address as a person gives it.</summary>
    /// <exception cref="UserErrorException">It is none.</exception>
    public static Uri ParseCollector(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new UserErrorException($"--otlp must be the address of a collector, such as http://127.0.0.1:4318, got \"{text}\"");

    /// <summary>Sends what was counted last.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOver, true)) return;
        _provider.Shutdown((int)s_lastExport.TotalMilliseconds);
        _provider.Dispose();
    }

    static string Version => typeof(Telemetry).Assembly.GetName().Version!.ToString(3);

    static bool IsNamedByEnvironment =>
        Variable("OTEL_SDK_DISABLED") != "true" && Variable("OTEL_METRICS_EXPORTER") != "none"
        && (Variable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 } || Variable("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT") is { Length: > 0 });

    static string? Variable(string name) => Environment.GetEnvironmentVariable(name);

    static void PointTo(OtlpExporterOptions options, Uri? otlp)
    {
        if (otlp is null) return;

        // As OTEL_EXPORTER_OTLP_ENDPOINT is understood: the base, to which the signal's path is added; gRPC has none.
        var isGrpc = Variable("OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc";
        if (!isGrpc) options.Protocol = OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = isGrpc ? otlp : new Uri($"{otlp.AbsoluteUri.TrimEnd('/')}/v1/metrics");
    }
}
