using LstmCluster.Protocol;

namespace Cluster.Tests;

/// <summary>The checkpoints of a run directory as whoever resumes it would find them.</summary>
/// <param name="run">The run directory.</param>
sealed class RunCheckpoints(string run)
{
    readonly List<string> _refused = [];

    /// <summary>Checkpoints that did not pass their checksums.</summary>
    public IReadOnlyList<string> Refused => _refused;

    /// <summary>The newest one that loads, every byte checked; null when there is none.</summary>
    public Checkpoint? Newest() => new CheckpointStore(new DiskRunFiles(), run, _refused.Add).Newest();

    /// <summary>Steps and hashes of the weights of all checkpoints that are complete by name, the newest first. Each is loaded, every byte checked.</summary>
    /// <exception cref="InvalidDataException">One does not load.</exception>
    public IReadOnlyDictionary<long, string> Hashes()
    {
        var hashes = new Dictionary<long, string>();
        foreach (var name in Names())
        {
            // A store with this one only: loading looks for the newest.
            using var alone = new TemporaryFolder();
            CopyFolder(Path.Combine(run, "checkpoints", name), Path.Combine(alone.Path, "checkpoints", name));
            var refused = new List<string>();
            var checkpoint = new CheckpointStore(new DiskRunFiles(), alone.Path, refused.Add).Newest();
            if (checkpoint is null) throw new InvalidDataException($"{name}: {string.Join("; ", refused)}");
            hashes.Add(checkpoint.Manifest.Step, checkpoint.Manifest.WeightsSha256);
        }

        return hashes;
    }

    /// <summary>Names of the checkpoints that are complete by name.</summary>
    public IReadOnlyList<string> Names()
    {
        var folder = Path.Combine(run, "checkpoints");
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)).Where(name => name.StartsWith("step-", StringComparison.Ordinal)).OrderDescending()]
            : [];
    }

    static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("lstm-cluster-test-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
