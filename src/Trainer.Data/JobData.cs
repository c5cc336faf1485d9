using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>How much there is of something: time steps of input, and rows where the data have any.</summary>
/// <param name="Tokens">Time steps.</param>
/// <param name="Rows">Rows; null for a running text.</param>
public readonly record struct DataExtent(long Tokens, long? Rows);

/// <summary>What a job trains and validates on: streams of one text (<see cref="TextData"/>), or rows with input and target (<see cref="SampleData"/>).</summary>
/// <param name="Encoding">How texts became numbers.</param>
public abstract record JobData(DataEncoding Encoding)
{
    /// <summary>What is trained on.</summary>
    public abstract DataExtent TrainingExtent { get; }

    /// <summary>What is held out; null when nothing is.</summary>
    public abstract DataExtent? ValidationExtent { get; }

    /// <summary>What is held out for a last test; null when nothing is.</summary>
    public abstract DataExtent? TestExtent { get; }

    /// <summary>The same data, with another part in the place of what is validated on, so that it can be evaluated.</summary>
    /// <param name="part">The part; where nothing is held out for it, nothing is there to evaluate on.</param>
    public abstract JobData Evaluating(DataPart part);

    /// <summary>What a person should know of how the data were read, such as how many rows were left out.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];

    /// <summary>What other data would most likely not have in common with these, by name. It is kept with the weights, so that a resumed run and an evaluation can tell.</summary>
    /// <remarks>It may take as long as reading all of them once.</remarks>
    public abstract IReadOnlyDictionary<string, string> Fingerprint { get; }

    /// <summary>Finds whether these are other data than those that a model was trained on.</summary>
    /// <param name="metadata">What is kept with its weights; what an earlier version did not keep is not compared.</param>
    /// <returns>What they do not have in common; null where nothing tells them apart.</returns>
    public string? DifferenceFrom(IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        foreach (var (key, value) in Fingerprint)
            if (metadata.TryGetValue(key, out var trained) && trained != value)
                return key;
        return null;
    }

    /// <summary>Fetches and reads a job's data.</summary>
    /// <param name="job">The job.</param>
    /// <param name="fetching">How files are fetched and where they are kept.</param>
    /// <param name="progress">Hears what takes time, in words.</param>
    /// <param name="cancellation">Ends fetching and reading with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">The data are missing, empty, malformed or too few; says where, and what was expected.</exception>
    public static async Task<JobData> LoadAsync(Job job, FetchOptions fetching, Action<string>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (SyntheticOptions.Is(job.Data.Source)) return SyntheticReader.Of(job);
        if (job.Task.HasWindows) return await SampleData.LoadWindowsAsync(job, fetching, progress, cancellation).ConfigureAwait(false);
        return job.Task.HasRows
            ? await SampleData.LoadAsync(job, fetching, progress, cancellation).ConfigureAwait(false)
            : await TextData.LoadAsync(job, fetching, progress, cancellation).ConfigureAwait(false);
    }
}
