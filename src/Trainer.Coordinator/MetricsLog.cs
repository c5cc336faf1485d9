using System.Text.Json;

namespace LstmCluster.Training;

/// <summary>metrics.jsonl: every event as one JSON object a line.</summary>
/// <remarks>A disk that refuses must not stop training: the first failure is reported, later lines are tried all the same.</remarks>
public sealed class MetricsLog : ITrainingObserver, IDisposable
{
    readonly string _path;
    readonly Action<string> _failed;
    StreamWriter? _writer;
    bool _reported;

    /// <summary>Appends to a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="failed">Told once, when a line could not be written.</param>
    public MetricsLog(string path, Action<string> failed)
    {
        _path = path;
        _failed = failed;
        _writer = Open();
    }

    /// <inheritdoc/>
    public void On(TrainingEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        try
        {
            _writer ??= Open();
            _writer.WriteLine(happened.ToJson());
            _writer.Flush();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (!_reported) _failed($"{_path} cannot be written: {error.Message}");
            _reported = true;
            _writer = null;
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _writer?.Dispose();

    /// <summary>Takes out what was logged after a step, which a resumed run will do and log again, and a last line that a crash cut off.</summary>
    /// <param name="path">The file; nothing happens when there is none.</param>
    /// <param name="step">The step that the run is resumed from.</param>
    public static void CutBackTo(string path, long step)
    {
        if (!File.Exists(path)) return;
        var temporary = path + ".tmp";
        File.WriteAllLines(temporary, File.ReadLines(path).Where(line => StepOf(line) is { } at && at <= step));
        File.Move(temporary, path, overwrite: true);
    }

    static long? StepOf(string line)
    {
        try
        {
            using var parsed = JsonDocument.Parse(line);
            return parsed.RootElement.TryGetProperty("step", out var step) ? step.GetInt64() : 0;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    StreamWriter Open() => new(new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite));
}
