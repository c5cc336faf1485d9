using System.Globalization;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>A job's text, cut into streams for training and for what is held out.</summary>
/// <param name="Vocabulary">Its tokens.</param>
/// <param name="Training">The first part.</param>
/// <param name="Validation">The part behind it, null when the job wants none.</param>
/// <param name="Test">The last part, null when the job wants none.</param>
public sealed record TextData(Vocabulary Vocabulary, TokenStreams Training, TokenStreams? Validation, TokenStreams? Test = null) : JobData(new DataEncoding(Vocabulary))
{
    // Those of all parts, whichever is evaluated.
    readonly long _counted = Training.TokenCount + (Validation?.TokenCount ?? 0) + (Test?.TokenCount ?? 0);

    /// <inheritdoc/>
    public override DataExtent TrainingExtent => new(Training.TokenCount, null);

    /// <inheritdoc/>
    public override DataExtent? ValidationExtent => ExtentOf(Validation);

    /// <inheritdoc/>
    public override DataExtent? TestExtent => ExtentOf(Test);

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Fingerprint => new Dictionary<string, string>
    {
        ["tokens"] = _counted.ToString(CultureInfo.InvariantCulture),
        ["text"] = Tokens.Sha256(),
    };

    /// <summary>The whole text.</summary>
    public required TokenSequence Tokens { get; init; }

    /// <summary>Fetches and reads a job's text.</summary>
    /// <param name="job">The job.</param>
    /// <param name="fetching">How files are fetched and where they are kept.</param>
    /// <param name="progress">Hears what takes time, in words.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">The text is missing, empty, not UTF-8, or too short; says what to do.</exception>
    public static new async Task<TextData> LoadAsync(Job job, FetchOptions fetching, Action<string>? progress = null, CancellationToken cancellation = default)
    {
        var paths = await DataSource.Parse(job.Data.Source).ResolveAllAsync(fetching, progress, cancellation);
        var files = TextFiles.Of(paths, job.Data, cancellation);
        var text = TokenCache.IsFor(files, fetching) ? TokenCache.Read(files, job.Data, fetching, progress) : TokenizedText.Read(files, job.Data, TokenPlace.Memory);
        return Cut(text, text.Parts ?? files.Cut(text.FileEnds, job.Data), job, files.Name);
    }

    /// <summary>Cuts a text by order.</summary>
    /// <inheritdoc cref="Cut(TokenizedText, TextCut, Job, string)"/>
    public static TextData Cut(TokenizedText text, Job job, string fileName) =>
        Cut(text, TextCut.ByOrder(text.Tokens.Count, job.Data.Validation, job.Data.Test), job, fileName);

    /// <summary>Cuts a text as a job says.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="cut">Tokens of each part.</param>
    /// <param name="job">The job.</param>
    /// <param name="fileName">What errors call the text.</param>
    /// <exception cref="UserErrorException">The text is too short; names the keys to lower.</exception>
    public static TextData Cut(TokenizedText text, TextCut cut, Job job, string fileName)
    {
        var (batch, length) = (job.Training.Batch, job.Training.Length);
        var total = text.Tokens.Count;
        // Each stream needs one step, and the very last token a target.
        var needed = ((long)batch * length) + 1;
        if (cut.Training < needed)
            throw UserErrorException.At(fileName, $"{cut.Training} tokens to train on ({total} less {(job.Data.Test == 0 ? "data.validation" : "data.validation and data.test")}) are too few: training.batch {batch} x training.length {length} + 1 = {needed} are needed; lower training.batch or training.length");
        return new TextData(
            text.Vocabulary, new TokenStreams(text.Tokens, 0, cut.Training, batch, length),
            HeldOut("validation", "validate", job.Data.Validation, cut.Training, cut.Validation), HeldOut("test", "test", job.Data.Test, cut.Training + cut.Validation, cut.Test))
        {
            Tokens = text.Tokens,
        };

        TokenStreams? HeldOut(string key, string purpose, double fraction, int start, int count)
        {
            if (fraction == 0) return null;
            return count > batch
                ? new TokenStreams(text.Tokens, start, count, batch, length)
                : throw UserErrorException.At(fileName, $"{count} tokens to {purpose} on are too few: training.batch {batch} + 1 = {batch + 1} are needed; raise data.{key}, lower training.batch, or set data.{key}: 0");
        }
    }

    /// <inheritdoc/>
    public override JobData Evaluating(DataPart part) => part switch
    {
        DataPart.Validation => this,
        DataPart.Test => this with { Validation = Test },
        _ => this with { Validation = Training },
    };

    static DataExtent? ExtentOf(TokenStreams? streams) => streams is null ? null : new(streams.TokenCount, null);
}
