using System.Globalization;

namespace LstmCluster.Cli.Operations;

/// <summary>Looks for checkpoints without reading them.</summary>
static class CheckpointOnDisk
{
    const string Prefix = "step-";

    /// <summary>The newest complete one by its name; null when there is none, or nobody may look.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="time">Tells its age.</param>
    public static CheckpointState? Newest(string run, TimeProvider time)
    {
        var folder = Path.Combine(run, "checkpoints");
        try
        {
            if (!Directory.Exists(folder)) return null;
            var newest = Directory.EnumerateDirectories(folder, Prefix + "*")
                .Select(path => (Path: path, Step: StepOf(path))).Where(found => found.Step is not null && File.Exists(Path.Combine(found.Path, "manifest.json")))
                .OrderByDescending(found => found.Step).FirstOrDefault();
            if (newest.Step is not { } step) return null;
            var age = time.GetUtcNow() - Directory.GetLastWriteTimeUtc(newest.Path);
            return new CheckpointState(step, Path.GetFullPath(newest.Path), Math.Max(0, age.TotalSeconds));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    static long? StepOf(string path) =>
        long.TryParse(Path.GetFileName(path).AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : null;
}
