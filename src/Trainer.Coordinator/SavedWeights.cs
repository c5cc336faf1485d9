using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Which weights of a run are meant.</summary>
public enum WeightsChoice
{
    /// <summary>Those of its last step.</summary>
    Last,

    /// <summary>Those of its best validation.</summary>
    Best,
}

/// <summary>The weights that a run directory has to offer: the result where it is of the run's last step, else what the newest checkpoint says.</summary>
/// <param name="Tensors">The tensors.</param>
/// <param name="Metadata">What is kept beside them.</param>
/// <param name="From">The file or checkpoint that they are from.</param>
sealed record SavedWeights(IReadOnlyList<TensorData> Tensors, IReadOnlyDictionary<string, string> Metadata, string From)
{
    /// <summary>Reads the weights, verified.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="choice">Which are meant; best ones only where the run keeps them.</param>
    /// <param name="refused">Hears of what was passed over, and why.</param>
    /// <returns>Null when there are none.</returns>
    /// <exception cref="CorruptFileException">There is nothing else than a result that is damaged.</exception>
    public static SavedWeights? Read(string run, WeightsChoice choice, Action<string>? refused)
    {
        var result = Path.Combine(run, RunDirectory.WeightsFile);
        var store = new CheckpointStore(new DiskRunFiles(), run, refused);
        var newest = store.Newest();
        var wanted = newest is null || choice == WeightsChoice.Last ? newest : BestOf(newest, store, refused);
        var finished = FinishedRun.Read(run);
        if (File.Exists(result) && (choice == WeightsChoice.Best || finished?.Best is null))
        {
            try
            {
                if (ReadResult(result, finished, wanted, newest) is { } read) return read;
            }
            catch (CorruptFileException error)
            {
                if (wanted is null) throw new CorruptFileException($"{result}: {error.Message}", error);
                refused?.Invoke($"{result} refused: {error.Message}");
            }
        }

        return wanted is null ? null : new SavedWeights(ResultWeights.Of(wanted), wanted.Metadata, store.PathOf(wanted.Manifest.Step));
    }

    /// <summary>The checkpoint that is the best by the newest one; that one itself before the first validation.</summary>
    static Checkpoint BestOf(Checkpoint newest, CheckpointStore store, Action<string>? refused)
    {
        if (newest.Manifest.BestStep is not { } step || step == newest.Manifest.Step) return newest;
        if (store.Load(step) is { } best) return best;
        refused?.Invoke($"the best weights, those after step {step}, are not there any more; the newest are used");
        return newest;
    }

    /// <returns>Null when the run has gone on since the result was left.</returns>
    /// <exception cref="CorruptFileException">The file is not what was left.</exception>
    static SavedWeights? ReadResult(string result, RunFinished? finished, Checkpoint? wanted, Checkpoint? newest)
    {
        if (finished is not null && newest is not null && newest.Manifest.Step > finished.Step) return null;
        using var stream = File.OpenRead(result);
        var read = Safetensors.Read(stream);
        if (finished is not null && read.DataSha256 != finished.WeightsSha256)
            throw new CorruptFileException($"SHA-256 is {read.DataSha256}, that of the run's result is {finished.WeightsSha256}");

        // The log may be gone, or have lost its last line: then the result is what the newest checkpoint says.
        if (finished is null && wanted is not null && read.DataSha256 != ResultWeights.HashOf(wanted)) return null;
        return new SavedWeights(read.Tensors, read.Metadata, result);
    }
}
