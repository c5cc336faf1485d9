using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace LstmCluster.Cli.Operations;

/// <summary>How a process writes its log.</summary>
enum LogFormat
{
    /// <summary>For people: errors in one line each on standard error, and nothing else.</summary>
    Text,

    /// <summary>For programs: everything that happens, and errors, as one JSON object a line on standard error.</summary>
    Json,
}

/// <summary>The structured log of this process. Disposing it writes what is still to be written.</summary>
/// <param name="format">How it is written.</param>
sealed class ProcessLog(LogFormat format) : IDisposable
{
    // Not by the logging library's defaults: a run's steps are of the level below, and a program that embeds this one has no say here.
    const LogLevel Least = LogLevel.Information;

    readonly ServiceProvider? _services = format == LogFormat.Json ? Services() : null;

    /// <summary>The log of this process, from its command line.</summary>
    public static ProcessLog Current { get; private set; } = new(LogFormat.Text);

    /// <summary>True when what happens is logged; otherwise the loggers take everything and keep nothing.</summary>
    public bool IsStructured => _services is not null;

    /// <summary>Makes a log that of this process.</summary>
    public static ProcessLog Begin(LogFormat format) => Current = new ProcessLog(format);

    /// <summary>A logger of a part of the program.</summary>
    /// <param name="category">The part's name, such as <c>LstmCluster.Training</c>.</param>
    public ILogger Logger(string category) =>
        _services?.GetRequiredService<ILoggerFactory>().CreateLogger(category) ?? Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

    /// <summary>Says what went wrong, for a person in one line of text.</summary>
    public void Error(string message)
    {
        if (_services is null) Console.Error.WriteLine($"{CommandLine.Name}: {message}");
        else Logs.Failed(Logger(CommandLine.Name), message);
    }

    /// <inheritdoc/>
    public void Dispose() => _services?.Dispose();

    static ServiceProvider Services() => new ServiceCollection()
        .AddLogging(logging => logging
            .SetMinimumLevel(Least)
            .AddJsonConsole(json =>
            {
                json.UseUtcTimestamp = true;
                json.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
                json.JsonWriterOptions = new() { Indented = false, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
            }))
        .Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
        .BuildServiceProvider();
}
