using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Cluster.Support;

/// <summary>A command that is running; it ends with this at the latest.</summary>
public sealed class RunningCommand : IAsyncDisposable
{
    readonly Process _process;
    readonly CancellationTokenSource _limit;
    readonly StringBuilder _output = new();
    readonly Task<string> _errors;

    public RunningCommand(Process process, TimeSpan limit)
    {
        _process = process;
        _limit = new CancellationTokenSource(limit);
        _errors = process.StandardError.ReadToEndAsync(_limit.Token);
    }

    /// <summary>Reads output until a line is what is waited for.</summary>
    public async Task<string> WaitForLineAsync(Func<string, bool> condition)
    {
        while (await _process.StandardOutput.ReadLineAsync(_limit.Token) is { } line)
        {
            _output.Append(line).Append('\n');
            if (condition(line)) return line;
        }

        throw new InvalidOperationException($"the output ended before the line that was waited for:\n{_output}\n{await _errors}");
    }

    /// <summary>Waits for an event of <c>--json</c>.</summary>
    public async Task<JsonElement> WaitForAsync(Func<JsonElement, bool> condition) =>
        Command.Parse(await WaitForLineAsync(line => condition(Command.Parse(line))));

    /// <summary>Waits until a step is done.</summary>
    public Task<JsonElement> WaitForStepAsync(long step) => WaitForAsync(e => e.Text("event") == "step" && e.Whole("step") >= step);

    /// <summary><c>kill -9</c>.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Sends a signal.</summary>
    /// <param name="signal">INT or TERM.</param>
    public void Signal(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        kill.ExitCode.ShouldBe(0);
    }

    /// <summary>Waits for the end without reading what is written.</summary>
    public Task ExitAsync() => _process.WaitForExitAsync(_limit.Token);

    public async Task<CommandResult> EndAsync()
    {
        _output.Append(await _process.StandardOutput.ReadToEndAsync(_limit.Token));
        await _process.WaitForExitAsync(_limit.Token);
        return new CommandResult(_process.ExitCode, _output.ToString(), await _errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _limit.Dispose();
    }
}
