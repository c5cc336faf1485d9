using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The weights that a run directory has to offer: the result where it is of the run's last step, else the newest checkpoint.</summary>
/// <param name="Tensors">The tensors.</param>
/// <param name="Metadata">What is kept beside them.</param>
/// <param name="From">The file or checkpoint that they are from.</param>
sealed record SavedWeights(IReadOnlyList<TensorData> Tensors, IReadOnlyDictionary<string, string> Metadata, string From)
{
    /// <summary>Reads the weights, verified.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="refused">Hears of what was passed over, and why.</param>
    /// <returns>Null when there are none.</returns>
    /// <exception cref="CorruptFileException">There is nothing else than a result that is damaged.</exception>
    public static SavedWeights? Read(string run, Action<string>? refused)
    {
        var result = Path.Combine(run, RunDirectory.WeightsFile);
        var store = new CheckpointStore(new DiskRunFiles(), run, refused);
        var newest = store.Newest();
        if (File.Exists(result))
        {
            try
            {
                if (ReadResult(result, FinishedRun.Read(run), newest) is { } read) return read;
            }
            catch (CorruptFileException error)
            {
                if (newest is null) throw new CorruptFileException($"{result}: {error.Message}", error);
                refused?.Invoke($"{result} refused: {error.Message}");
            }
        }

        return newest is null ? null : new SavedWeights(ResultWeights.Of(newest), newest.Metadata, store.PathOf(newest.Manifest.Step));
    }

    /// <returns>Null when the run has gone on since the result was left.</returns>
    /// <exception cref="CorruptFileException">The file is not what was left.</exception>
    static SavedWeights? ReadResult(string result, RunFinished? finished, Checkpoint? newest)
    {
        if (finished is not null && newest is not null && newest.Manifest.Step > finished.Step) return null;
        using var stream = File.OpenRead(result);
        var read = Safetensors.Read(stream);
        if (finished is not null && read.DataSha256 != finished.WeightsSha256)
            throw new CorruptFileException($"SHA-256 is {read.DataSha256}, that of the run's result is {finished.WeightsSha256}");

        // The log may be gone, or have lost its last line: then the result is what the newest checkpoint says.
        if (finished is null && newest is not null && read.DataSha256 != HashOf(newest)) return null;
        return new SavedWeights(read.Tensors, read.Metadata, result);
    }

    static string HashOf(Checkpoint checkpoint) => Safetensors.Write(Stream.Null, ResultWeights.Of(checkpoint), checkpoint.Metadata);
}
