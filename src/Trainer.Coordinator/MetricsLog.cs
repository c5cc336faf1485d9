using System.Text;
using System.Text.Json;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>metrics.jsonl: every event as one JSON object a line.</summary>
/// <remarks>
/// A disk that refuses must not stop training: the first failure is reported, later lines are tried all the same. Each generation replaces the file, by a rename,
/// before its first line: a process that was coordinator before and wakes late has another file open, and what it still writes is seen by nobody.
/// </remarks>
/// <param name="path">The file, opened at the first event.</param>
/// <param name="failed">Told once, when a line could not be written.</param>
/// <param name="mayChange">Whether the coordinator of a term may still change the run directory; null when nobody else can.</param>
public sealed class MetricsLog(string path, Action<string> failed, Func<Term, bool>? mayChange = null) : ITrainingObserver, IDisposable
{
    FileStream? _file;
    Term _term;
    long? _cutTo;
    bool _reported;

    /// <inheritdoc/>
    public void On(TrainingEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        try
        {
            switch (happened)
            {
                // The file belongs to another process by now.
                case RunDeposed: return;
                case RunStarted started: Begin(new Term(started.Term), started.Step); break;
                case RunRestarted restarted: Begin(new Term(restarted.Term), restarted.Step); break;
            }

            if (_file is null && !IsOurs()) return;
            if (_cutTo is { } step) CutBackTo(path, step, $"t{_term.Value}", IsOurs);
            _cutTo = null;

            // Unbuffered and in one write, so that closing has nothing left to fail on.
            _file ??= new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            _file.Write(Encoding.UTF8.GetBytes(happened.ToJson() + '\n'));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Close();
            if (!_reported) failed($"{path} cannot be written: {error.Message}");
            _reported = true;
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => Close();

    /// <summary>Replaces the file by one without what was logged after a step, which the run will do and log again, and without a last line that a crash cut off.</summary>
    /// <param name="path">The file; nothing happens when there is none.</param>
    /// <param name="step">The step that the run goes on from.</param>
    /// <param name="writer">Tells this process's unfinished work from that of others.</param>
    /// <param name="stillOurs">Asked before the file is replaced; null for yes.</param>
    /// <exception cref="IOException">The file cannot be read or replaced.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static void CutBackTo(string path, long step, string writer = "", Func<bool>? stillOurs = null)
    {
        if (!File.Exists(path)) return;
        var temporary = RunFilesExtensions.TemporaryPathOf(path, writer);
        File.WriteAllLines(temporary, File.ReadLines(path).Where(line => StepOf(line) is { } at && at <= step));
        if (stillOurs?.Invoke() ?? true) File.Move(temporary, path, overwrite: true);
        else File.Delete(temporary);
    }

    bool IsOurs() => mayChange?.Invoke(_term) ?? true;

    void Begin(Term term, long step)
    {
        Close();
        (_term, _cutTo) = (term, step);
    }

    void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    static long? StepOf(string line)
    {
        try
        {
            using var parsed = JsonDocument.Parse(line);
            if (parsed.RootElement.ValueKind != JsonValueKind.Object) return null;
            if (!parsed.RootElement.TryGetProperty("step", out var step)) return 0;
            return step.ValueKind == JsonValueKind.Number && step.TryGetInt64(out var number) ? number : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
