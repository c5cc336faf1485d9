using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>A job's rows as samples, for training and for validation.</summary>
/// <param name="Encoding">How texts became numbers.</param>
/// <param name="Training">Samples to train on, at least one for each shard.</param>
/// <param name="Validation">Samples held out, at least one for each shard; null when the job wants none.</param>
public sealed record SampleData(DataEncoding Encoding, SampleSet Training, SampleSet? Validation) : JobData(Encoding)
{
    /// <inheritdoc/>
    public override DataExtent TrainingExtent => Training.Extent;

    /// <inheritdoc/>
    public override DataExtent? ValidationExtent => Validation?.Extent;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Fingerprint => new Dictionary<string, string> { ["rows"] = RowsSha256 };

    /// <summary>SHA-256 of the texts of all rows that are used, in hexadecimal.</summary>
    public required string RowsSha256 { get; init; }

    /// <summary>Fetches and reads a job's rows.</summary>
    /// <inheritdoc cref="JobData.LoadAsync"/>
    public static new async Task<SampleData> LoadAsync(Job job, FetchOptions fetching, Action<string>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        var path = await DataSource.Parse(job.Data.Source).ResolveAsync(fetching, progress, cancellation).ConfigureAwait(false);
        return SampleReader.Read(RowFile.Read(path, job.Data), job, path);
    }

    /// <summary>Reads a job's rows from a text.</summary>
    /// <param name="text">Content of the file.</param>
    /// <param name="job">The job.</param>
    /// <param name="fileName">What errors call the file.</param>
    /// <exception cref="UserErrorException">A row is malformed, or the rows are too few.</exception>
    public static SampleData Read(TextReader text, Job job, string fileName)
    {
        ArgumentNullException.ThrowIfNull(job);
        return SampleReader.Read(RowFile.Read(text, fileName, job.Data), job, fileName);
    }
}
