using System.Text;
using System.Text.Json;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>metrics.jsonl: every event as one JSON object a line.</summary>
/// <remarks>A disk that refuses must not stop training: the first failure is reported, later lines are tried all the same.</remarks>
public sealed class MetricsLog : ITrainingObserver, IDisposable
{
    readonly string _path;
    readonly Action<string> _failed;
    FileStream? _file;
    bool _reported;

    /// <summary>Appends to a file, which is opened at the first event.</summary>
    /// <param name="path">The file.</param>
    /// <param name="failed">Told once, when a line could not be written.</param>
    public MetricsLog(string path, Action<string> failed)
    {
        _path = path;
        _failed = failed;
    }

    /// <inheritdoc/>
    public void On(TrainingEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        try
        {
            // Unbuffered and in one write, so that closing has nothing left to fail on.
            _file ??= new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            _file.Write(Encoding.UTF8.GetBytes(happened.ToJson() + '\n'));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _file?.Dispose();
            _file = null;
            if (!_reported) _failed($"{_path} cannot be written: {error.Message}");
            _reported = true;
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file?.Dispose();

    /// <summary>Takes out what was logged after a step, which a resumed run will do and log again, and a last line that a crash cut off.</summary>
    /// <param name="path">The file; nothing happens when there is none.</param>
    /// <param name="step">The step that the run is resumed from.</param>
    /// <exception cref="UserErrorException">The file cannot be read or replaced.</exception>
    public static void CutBackTo(string path, long step)
    {
        if (!File.Exists(path)) return;
        var temporary = path + ".tmp";
        try
        {
            File.WriteAllLines(temporary, File.ReadLines(path).Where(line => StepOf(line) is { } at && at <= step));
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw UserErrorException.At(path, $"must be readable and writable: {error.Message}");
        }
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
