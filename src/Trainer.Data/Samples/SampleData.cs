using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>A job's rows as samples, for training and to be held out.</summary>
/// <param name="Encoding">How texts became numbers.</param>
/// <param name="Training">Samples to train on, at least one for each shard.</param>
/// <param name="Validation">Samples to validate on, at least one for each shard; null when the job wants none.</param>
/// <param name="Test">Samples for a last test, at least one for each shard; null when the job wants none.</param>
public sealed record SampleData(DataEncoding Encoding, SampleSet Training, SampleSet? Validation, SampleSet? Test = null) : JobData(Encoding)
{
    /// <inheritdoc/>
    public override DataExtent TrainingExtent => Training.Extent;

    /// <inheritdoc/>
    public override DataExtent? ValidationExtent => Validation?.Extent;

    /// <inheritdoc/>
    public override DataExtent? TestExtent => Test?.Extent;

    /// <inheritdoc/>
    public override JobData Evaluating(DataPart part) => part switch
    {
        DataPart.Validation => this,
        DataPart.Test => this with { Validation = Test },
        _ => this with { Validation = Training },
    };

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Fingerprint => new Dictionary<string, string> { ["rows"] = RowsSha256 };

    /// <summary>SHA-256 of the texts of all rows that are used, in hexadecimal.</summary>
    public required string RowsSha256 { get; init; }

    /// <summary>Fetches and reads a job's rows.</summary>
    /// <inheritdoc cref="JobData.LoadAsync"/>
    public static new async Task<SampleData> LoadAsync(Job job, FetchOptions fetching, Action<string>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        var data = job.Data;
        var paths = (await FilesAsync(data.Source).ConfigureAwait(false))!;
        var targets = await FilesAsync(data.TargetSource).ConfigureAwait(false);
        var testPaths = await FilesAsync(data.TestSource).ConfigureAwait(false);
        var testTargets = await FilesAsync(data.TestTargetSource).ConfigureAwait(false);
        var place = SpoolPlace.Of(fetching);
        if (data.Format == DataFormat.Idx) return IdxReader.Read([.. Pairs(paths, targets!, null), .. Pairs(testPaths ?? [], testTargets ?? [], DataPart.Test)], job, place, cancellation);
        var bad = new BadRows(data.OnBadRow);
        return SampleReader.Read(
            RowSource.Read(paths, targets, data, bad, cancellation), job, paths.Count == 1 ? paths[0] : data.Source, bad, place, testPaths is null ? null : RowSource.Read(testPaths, testTargets, data, bad, cancellation), cancellation);

        async Task<IReadOnlyList<string>?> FilesAsync(string? source) =>
            source is null ? null : await DataSource.Parse(source).ResolveAllAsync(fetching, progress, cancellation).ConfigureAwait(false);
    }

    static IEnumerable<(string Images, string Labels, DataPart? Part)> Pairs(IReadOnlyList<string> images, IReadOnlyList<string> labels, DataPart? part) =>
        images.Count == labels.Count ? images.Zip(labels, (image, label) => (image, label, part))
            : throw new UserErrorException($"the sources of images and of labels stand for {images.Count} and {labels.Count} files, expected as many");

    /// <summary>The table that the samples are windows of; null where they are none.</summary>
    public EncodedTable? Windows { get; init; }

    /// <summary>Fetches and reads a job's table.</summary>
    /// <inheritdoc cref="JobData.LoadAsync"/>
    internal static async Task<SampleData> LoadWindowsAsync(Job job, FetchOptions fetching, Action<string>? progress, CancellationToken cancellation)
    {
        var paths = await DataSource.Parse(job.Data.Source).ResolveAllAsync(fetching, progress, cancellation).ConfigureAwait(false);
        var bad = new BadRows(job.Data.OnBadRow);
        var place = SpoolPlace.Of(fetching);
        return WindowReader.Cut(TableReader.Read(paths, job, bad, place, cancellation), job, paths.Count == 1 ? paths[0] : job.Data.Source, bad, place, cancellation);
    }

    /// <summary>Reads a job's table from a text.</summary>
    /// <param name="text">Content of the file.</param>
    /// <param name="job">The job, of windows.</param>
    /// <param name="fileName">What errors call the file.</param>
    /// <exception cref="UserErrorException">A row is malformed, or the rows are too few.</exception>
    public static SampleData ReadWindows(TextReader text, Job job, string fileName)
    {
        ArgumentNullException.ThrowIfNull(job);
        var bad = new BadRows(job.Data.OnBadRow);
        return WindowReader.Cut(TableReader.Read(text, fileName, job, bad, SpoolPlace.Memory), job, fileName, bad, SpoolPlace.Memory);
    }

    /// <summary>Reads a job's rows from a text.</summary>
    /// <param name="text">Content of the file.</param>
    /// <param name="job">The job.</param>
    /// <param name="fileName">What errors call the file.</param>
    /// <exception cref="UserErrorException">A row is malformed, or the rows are too few.</exception>
    public static SampleData Read(TextReader text, Job job, string fileName)
    {
        ArgumentNullException.ThrowIfNull(job);
        var bad = new BadRows(job.Data.OnBadRow);
        return SampleReader.Read(RowFile.Read(text, fileName, job.Data, bad), job, fileName, bad, SpoolPlace.Memory);
    }
}
