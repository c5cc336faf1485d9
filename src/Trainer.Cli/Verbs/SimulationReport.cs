using System.Globalization;
using LstmCluster.Simulation;

namespace LstmCluster.Cli.Verbs;

/// <summary>What is shown of simulations: each seed that fails, with the command that replays it, a line now and then, and a summary.</summary>
/// <param name="job">The job as it was given.</param>
/// <param name="options">What is simulated.</param>
/// <param name="json">True for output for programs.</param>
sealed class SimulationReport(string job, SimulationOptions options, bool json)
{
    readonly SortedDictionary<string, long> _faults = new(StringComparer.Ordinal);
    readonly SortedDictionary<ulong, ulong> _traces = [];
    long _steps, _restarts, _messages, _failed, _next = 1;
    TimeSpan _virtual;

    /// <summary>A seed is done.</summary>
    public void Add(SimulationResult result)
    {
        (_steps, _restarts, _messages, _virtual) = (_steps + result.Steps, _restarts + result.Restarts, _messages + result.Messages, _virtual + result.VirtualTime);
        foreach (var (name, count) in result.Faults) _faults[name] = _faults.GetValueOrDefault(name) + count;
        _traces[result.Seed] = result.TraceHash;
        if (result.Violation is { } violation) Show(result, violation);
        if (json || _traces.Count < _next) return;
        _next = _traces.Count * 2;
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_traces.Count} {(_traces.Count == 1 ? "seed" : "seeds")} done, {_failed} failed"));
    }

    /// <summary>All are done.</summary>
    /// <returns>The process's exit code.</returns>
    public int End()
    {
        // Of all seeds, in their order, whichever was done first.
        var trace = _traces.Aggregate(0ul, (hash, entry) => unchecked((hash * 0x9E3779B97F4A7C15ul) + (entry.Value ^ entry.Key)));
        if (json)
        {
            Json.Write(new Summary("simulated", _traces.Count, _failed, _steps, _restarts, _messages, _virtual.TotalSeconds, _faults, $"{trace:x16}"));
        }
        else
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_traces.Count} seeds, {_failed} failed: {_steps} steps, {_restarts} restarts, {_messages} messages, {_virtual.TotalSeconds:F1} s of virtual time, trace {trace:x16}"));
            if (_faults.Count > 0) Console.Out.WriteLine($"faults: {string.Join(", ", _faults.Select(fault => string.Create(CultureInfo.InvariantCulture, $"{fault.Key} {fault.Value}")))}");
        }

        return _failed == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    void Show(SimulationResult result, Violation violation)
    {
        _failed++;
        var replay = (options with { Seed = result.Seed }).Command(job);
        if (json)
        {
            Json.Write(new Failure("violation", result.Seed, violation.Invariant, violation.What, violation.At.TotalSeconds, replay, result.LastEvents));
            return;
        }

        foreach (var line in result.LastEvents) Console.Out.WriteLine($"  {line}");
        Console.Out.WriteLine($"{violation}");
        Console.Out.WriteLine($"replay with: {replay}");
    }

    sealed record Summary(
        string Event, long Seeds, long Failed, long Steps, long Restarts, long Messages, double VirtualSeconds, IReadOnlyDictionary<string, long> Faults, string Trace);

    sealed record Failure(string Event, ulong Seed, string Invariant, string What, double VirtualSeconds, string Replay, IReadOnlyList<string> LastEvents);
}
