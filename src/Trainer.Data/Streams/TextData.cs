using System.Globalization;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>A job's text, cut into streams for training and for validation.</summary>
/// <param name="Vocabulary">Of the whole text.</param>
/// <param name="Training">The first part.</param>
/// <param name="Validation">The last part, null when the job wants none.</param>
public sealed record TextData(Vocabulary Vocabulary, TokenStreams Training, TokenStreams? Validation) : JobData(new DataEncoding(Vocabulary))
{
    /// <inheritdoc/>
    public override DataExtent TrainingExtent => new(Training.TokenCount, null);

    /// <inheritdoc/>
    public override DataExtent? ValidationExtent => Validation is null ? null : new(Validation.TokenCount, null);

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Fingerprint => new Dictionary<string, string>
    {
        ["tokens"] = (Training.TokenCount + (Validation?.TokenCount ?? 0)).ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Fetches and reads a job's text.</summary>
    /// <param name="job">The job.</param>
    /// <param name="fetching">How files are fetched and where they are kept.</param>
    /// <param name="progress">Hears what takes time, in words.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="UserErrorException">The text is missing, empty, not UTF-8, or too short; says what to do.</exception>
    public static new async Task<TextData> LoadAsync(Job job, FetchOptions fetching, Action<string>? progress = null, CancellationToken cancellation = default)
    {
        var path = await DataSource.Parse(job.Data.Source).ResolveAsync(fetching, progress, cancellation);
        return Cut(TokenizedText.ReadFile(path, job.Data.Tokens), job, path);
    }

    /// <summary>Cuts a text as a job says.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="job">The job.</param>
    /// <param name="fileName">What errors call the text.</param>
    /// <exception cref="UserErrorException">The text is too short; names the keys to lower.</exception>
    public static TextData Cut(TokenizedText text, Job job, string fileName)
    {
        var (batch, length) = (job.Training.Batch, job.Training.Length);
        var total = text.Tokens.Count;
        var cut = TrainingTokens(total, job.Data.Validation);
        // Each stream needs one step, and the very last token a target.
        var needed = ((long)batch * length) + 1;
        if (cut < needed)
            throw UserErrorException.At(fileName, $"{cut} tokens to train on ({total} less data.validation) are too few: training.batch {batch} x training.length {length} + 1 = {needed} are needed; lower training.batch or training.length");
        var training = new TokenStreams(text.Tokens, 0, cut, batch, length);
        if (job.Data.Validation == 0)
            return new TextData(text.Vocabulary, training, null);
        if (total - cut < batch + 1)
            throw UserErrorException.At(fileName, $"{total - cut} tokens to validate on are too few: training.batch {batch} + 1 = {batch + 1} are needed; raise data.validation, lower training.batch, or set data.validation: 0");
        return new TextData(text.Vocabulary, training, new TokenStreams(text.Tokens, cut, total - cut, batch, length));
    }

    /// <summary>How many of the tokens are trained on. In decimal, so that 0.1 is a tenth and not the double beside it.</summary>
    internal static int TrainingTokens(int count, double validation) => (int)(count * (1m - (decimal)validation));
}
