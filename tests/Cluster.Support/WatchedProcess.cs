using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text.Json;

namespace Cluster.Support;

/// <summary>A line that a process wrote.</summary>
/// <param name="Number">Its number, from 0.</param>
/// <param name="At">When it was read, on <see cref="WatchedProcess.Now"/>'s clock.</param>
/// <param name="Text">The line.</param>
/// <param name="Json">The line as an event of <c>--json</c>; null for any other line.</param>
public sealed record ProcessLine(int Number, TimeSpan At, string Text, JsonElement? Json)
{
    /// <summary>True for an event of this name.</summary>
    public bool Is(string name) => Json is { } json && json.Text("event") == name;
}

/// <summary>A process whose output is read all the time, so that it never waits for its reader, with the moment of every line.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class WatchedProcess : IAsyncDisposable
{
    const int LinesShown = 40;

    // Only so that a hang becomes a failure.
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    readonly Process _process;
    readonly Lock _gate = new();
    readonly List<ProcessLine> _lines = [];
    readonly List<string> _errors = [];
    readonly Task _reading, _readingErrors;
    TaskCompletionSource _more = NewSource();

    /// <summary>Watches a process that was started with redirected output.</summary>
    /// <param name="name">What failures call it.</param>
    /// <param name="process">The process.</param>
    public WatchedProcess(string name, Process process)
    {
        (Name, _process) = (name, process);
        _reading = Task.Run(ReadAsync);
        _readingErrors = Task.Run(ReadErrorsAsync);
    }

    /// <summary>What failures call it.</summary>
    public string Name { get; }

    /// <summary>Number of the process.</summary>
    public int Id => _process.Id;

    /// <summary>The clock of <see cref="ProcessLine.At"/>.</summary>
    public static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    /// <summary>True until it has ended.</summary>
    public bool IsRunning => !_process.HasExited;

    /// <summary>Lines so far.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _lines.Count;
        }
    }

    /// <summary>All lines so far.</summary>
    public IReadOnlyList<ProcessLine> Lines
    {
        get
        {
            lock (_gate) return [.. _lines];
        }
    }

    /// <summary>What it wrote to standard error so far.</summary>
    public string Errors
    {
        get
        {
            lock (_gate) return string.Join('\n', _errors);
        }
    }

    /// <summary>The last lines, for the message of a test that fails.</summary>
    public string Story
    {
        get
        {
            lock (_gate) return $"{Name} ({(_process.HasExited ? $"exit {_process.ExitCode}" : "running")}):\n{string.Join('\n', _lines.TakeLast(LinesShown).Select(Shown))}\n{string.Join('\n', _errors)}";
        }
    }

    /// <summary>Waits for a line.</summary>
    /// <param name="condition">Which.</param>
    /// <param name="what">The same in words.</param>
    /// <param name="from">Number of the first line that is looked at.</param>
    /// <exception cref="InvalidOperationException">It ended before.</exception>
    /// <exception cref="TimeoutException">It did not come within a minute.</exception>
    public async Task<ProcessLine> WaitForAsync(Func<ProcessLine, bool> condition, string what, int from = 0)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            Task more;
            lock (_gate)
            {
                for (; from < _lines.Count; from++)
                    if (condition(_lines[from]))
                        return _lines[from];
                more = _more.Task;
            }

            var ended = _reading.IsCompleted;
            if (!ended)
            {
                try
                {
                    await Task.WhenAny(more, _reading).WaitAsync(limit.Token);
                    continue;
                }
                catch (OperationCanceledException)
                {
                    throw new TimeoutException($"waited in vain for {what}; {Story}");
                }
            }

            lock (_gate)
            {
                if (from < _lines.Count) continue;
            }

            await _readingErrors;
            throw new InvalidOperationException($"ended before {what}; {Story}");
        }
    }

    /// <summary>Waits for an event of <c>--json</c>.</summary>
    public Task<ProcessLine> WaitForEventAsync(string name, int from = 0) => WaitForAsync(line => line.Is(name), $"the event {name}", from);

    /// <summary>Waits until a step is done.</summary>
    public Task<ProcessLine> WaitForStepAsync(long step, int from = 0) =>
        WaitForAsync(line => line.Is("step") && line.Json!.Value.Whole("step") >= step, $"step {step}", from);

    /// <summary>The last step that was told; 0 for none.</summary>
    public long LastStep
    {
        get
        {
            lock (_gate) return _lines.LastOrDefault(line => line.Is("step"))?.Json!.Value.Whole("step") ?? 0;
        }
    }

    /// <summary>Sends a signal; the process must be there.</summary>
    public void Send(Signal signal) => TrySend(signal).ShouldBeTrue(Story);

    /// <summary>Sends a signal to a process that may be gone.</summary>
    public bool TrySend(Signal signal) => _process.TrySend(signal);

    /// <summary>Waits until the process has ended and all it wrote is read.</summary>
    /// <returns>Its exit code; 128 and the signal's number where one ended it.</returns>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public async Task<int> ExitAsync(TimeSpan? limit = null)
    {
        try
        {
            await Task.WhenAll(_process.WaitForExitAsync(), _reading, _readingErrors).WaitAsync(limit ?? Limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"does not end; {Story}");
        }

        return _process.ExitCode;
    }

    /// <summary>Resident memory, bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            var line = File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Also ends a process that is stopped.
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await ExitAsync();
        _process.Dispose();
    }

    async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } text)
        {
            var at = Now;
            var json = text.StartsWith('{') && text.EndsWith('}') ? Command.Parse(text) : (JsonElement?)null;
            TaskCompletionSource more;
            lock (_gate)
            {
                _lines.Add(new ProcessLine(_lines.Count, at, text, json));
                (more, _more) = (_more, NewSource());
            }

            more.SetResult();
        }
    }

    async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } text)
        {
            lock (_gate) _errors.Add(text);
        }
    }

    static string Shown(ProcessLine line) => string.Create(CultureInfo.InvariantCulture, $"{line.At.TotalSeconds:F3} {line.Text}");

    static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
