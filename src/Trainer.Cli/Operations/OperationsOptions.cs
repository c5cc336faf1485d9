using System.CommandLine;
using System.Globalization;
using System.Net;
using LstmCluster.Protocol;

namespace LstmCluster.Cli.Operations;

/// <summary>What watches a process: where it was asked for.</summary>
/// <param name="Role">What the process is, such as <c>coordinator</c>.</param>
/// <param name="Collector">An OpenTelemetry collector; null for that of the environment, if any.</param>
/// <param name="Pages">Where its pages are; null for nowhere.</param>
/// <param name="LeadsRun">True where the events of a run come up, so that there is something to count.</param>
sealed record OperationsSettings(string Role, Uri? Collector, IPEndPoint? Pages, bool LeadsRun);

/// <summary>The options of logs, metrics and pages, for every verb that works for long.</summary>
sealed class OperationsOptions
{
    /// <summary>How the log is written; the same object for all verbs, so that errors of the command line keep to it.</summary>
    public static readonly Option<LogFormat> Format = new("--log-format")
    {
        Description = "json: tell everything that happens, and errors, as one JSON object a line on standard error",
        HelpName = "text|json",
        CustomParser = result =>
        {
            if (result.Tokens[^1].Value is "text") return LogFormat.Text;
            if (result.Tokens[^1].Value is "json") return LogFormat.Json;
            result.AddError($"--log-format must be text or json, got \"{result.Tokens[^1].Value}\"");
            return LogFormat.Text;
        },
        DefaultValueFactory = _ => LogFormat.Text,
    };

    readonly Option<string?> _otlp = new("--otlp")
    {
        Description = "Send metrics to an OpenTelemetry collector (default: that of OTEL_EXPORTER_OTLP_ENDPOINT, if set)",
        HelpName = "URL",
    };

    readonly Option<string?> _http = new("--http")
    {
        Description = "Serve /metrics, /healthz, /readyz and /status at an address of this machine; port 0 picks one",
        HelpName = "HOST:PORT",
    };

    readonly Option<bool> _allowRemote = new("--http-allow-remote") { Description = "Let --http be an address that other machines reach; whoever reaches it can read the pages" };

    /// <summary>Gives a verb the options.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="hasPages">True when it can serve pages.</param>
    public void AddTo(Command verb, bool hasPages)
    {
        verb.Add(Format);
        verb.Add(_otlp);
        if (!hasPages) return;
        verb.Add(_http);
        verb.Add(_allowRemote);
    }

    /// <summary>What was asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="role">What the process is.</param>
    /// <param name="leadsRun">True where the events of a run come up.</param>
    /// <exception cref="UserErrorException">An address is none, or one that needs another option.</exception>
    public OperationsSettings Read(ParseResult parsed, string role, bool leadsRun) => new(
        role,
        parsed.GetValue(_otlp) is { } collector ? Telemetry.ParseCollector(collector) : null,
        parsed.GetValue(_http) is { } pages ? ParsePages(pages, parsed.GetValue(_allowRemote)) : null,
        leadsRun);

    static IPEndPoint ParsePages(string text, bool allowRemote)
    {
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon];
        if (host == "localhost") host = "127.0.0.1";
        if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > IPEndPoint.MaxPort
            || (host.Contains(':', StringComparison.Ordinal) && host is not ['[', .., ']']) || !IPAddress.TryParse(host, out var address))
            throw new UserErrorException($"--http must be HOST:PORT with an IP address or localhost and a port from 0 to {IPEndPoint.MaxPort}, such as 127.0.0.1:9464, got \"{text}\"");
        if (!allowRemote && !IPAddress.IsLoopback(address))
            throw new UserErrorException($"--http {text}: other machines can reach this address and the pages are for everybody who does; give 127.0.0.1, or --http-allow-remote as well");
        return new IPEndPoint(address, port);
    }
}
