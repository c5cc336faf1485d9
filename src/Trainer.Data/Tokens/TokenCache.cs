using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Large texts as files of tokens, made once: a directory named by the hash of all that decides the tokens, which appears by one rename. What it holds is checked at each use.</summary>
static class TokenCache
{
    // In every key, so that what another version of this program has written is another entry.
    const string Layout = "tokens-1";

    // A packed text is some times as large when it is unpacked.
    const int PackedFactor = 4;

    // Nobody who is still at work has written nothing for so long.
    static readonly TimeSpan s_leftAfter = TimeSpan.FromDays(1);

    const string RecordFile = "text.json", HashesFile = "sha256";

    /// <summary>True for a text that is not to be held in memory.</summary>
    public static bool IsFor(TextFiles files, FetchOptions fetching) =>
        files.Paths.Sum(path => new FileInfo(path).Length * (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? PackedFactor : 1)) > fetching.LargestTextInMemory;

    /// <summary>The tokens of a text, made if they are not there.</summary>
    /// <param name="files">The files in their order.</param>
    /// <param name="data">What a token is.</param>
    /// <param name="fetching">Where the cache is.</param>
    /// <param name="progress">Hears what takes time, in words.</param>
    /// <exception cref="UserErrorException">A file cannot be read or is malformed, or the cache cannot be written.</exception>
    public static TokenizedText Read(TextFiles files, DataOptions data, FetchOptions fetching, Action<string>? progress)
    {
        var parent = Path.Combine(fetching.CacheDirectory, "tokens");
        var (directory, work) = (Path.Combine(parent, KeyOf(files, data)), Path.Combine(parent, $".tmp-{Guid.NewGuid():N}"));
        try
        {
            if (Find(directory, progress, files.Cancellation) is { } present) return present;
            progress?.Invoke($"encoding {files.Name} into {directory} ...");
            RemoveLeftovers(parent);
            Directory.CreateDirectory(work);
            var text = TokenizedText.Read(files, data, new TokenPlace(work));

            // A file that is open cannot be renamed everywhere.
            using (text.Tokens as IDisposable) Write(text, work, files.Cancellation);
            PutInPlace(work, directory, files.Cancellation);
            return Find(directory, null, files.Cancellation) ?? throw new IOException($"{directory} is not what was written");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{parent}: the tokens of {files.Name} cannot be kept: {error.Message}", error);
        }
        finally
        {
            if (Directory.Exists(work)) Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>What a process that was killed has left: as large as a text.</summary>
    static void RemoveLeftovers(string parent)
    {
        if (!Directory.Exists(parent)) return;
        foreach (var left in Directory.EnumerateDirectories(parent, ".tmp-*"))
            if (DateTime.UtcNow - Directory.GetLastWriteTimeUtc(left) > s_leftAfter)
                Directory.Delete(left, recursive: true);
    }

    /// <summary>Content of the files, their order and parts, and the keys of the job that tokens follow from.</summary>
    static string KeyOf(TextFiles files, DataOptions data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(string.Create(
            CultureInfo.InvariantCulture, $"{Layout} {data.Tokens} {data.Vocabulary} {data.Split} {data.Validation:R} {data.Test:R} {files.TrainingFiles} {files.ValidationFiles}"));
        foreach (var path in files.Paths) Append(FileContent.Use(path, stream => Convert.ToHexStringLower(SHA256.HashData(stream)), files.Cancellation));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];

        void Append(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text + "\n"));
    }

    static TokenizedText? Find(string directory, Action<string>? progress, CancellationToken cancellation)
    {
        if (!Directory.Exists(directory)) return null;
        try
        {
            if (File.ReadAllText(Path.Combine(directory, HashesFile)) == HashesOf(directory, cancellation))
            {
                var record = JsonSerializer.Deserialize<Record>(File.ReadAllText(Path.Combine(directory, RecordFile)))!;
                var vocabulary = Vocabulary.Parse(record.Vocabulary);
                return new TokenizedText(vocabulary, TokenFile.Open(Path.Combine(directory, TokenPlace.TokensFile), record.Count, vocabulary.Size)) { FileEnds = record.FileEnds, Parts = record.Parts };
            }
        }
        catch (FileNotFoundException)
        {
            // As damaged as one whose content is another.
        }

        progress?.Invoke($"{directory} in the cache is damaged, it is made again");
        return null;
    }

    static void Write(TokenizedText text, string work, CancellationToken cancellation)
    {
        WriteText(RecordFile, JsonSerializer.Serialize(new Record(text.Vocabulary.Serialize(), text.Tokens.Count, text.FileEnds, text.Parts)));
        WriteText(HashesFile, HashesOf(work, cancellation));

        void WriteText(string name, string content)
        {
            using var stream = File.Create(Path.Combine(work, name));
            stream.Write(Encoding.UTF8.GetBytes(content));
            stream.Flush(flushToDisk: true);
        }
    }

    static void PutInPlace(string work, string directory, CancellationToken cancellation)
    {
        // Another process may have been first; what it put there is as good, unless it is the damaged one.
        if (Find(directory, null, cancellation) is { Tokens: var tokens })
        {
            (tokens as IDisposable)?.Dispose();
            return;
        }

        if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
        Directory.Move(work, directory);
    }

    static string HashesOf(string directory, CancellationToken cancellation) =>
        HashOf(Path.Combine(directory, RecordFile), cancellation) + "\n" + HashOf(Path.Combine(directory, TokenPlace.TokensFile), cancellation);

    static string HashOf(string file, CancellationToken cancellation)
    {
        using var stream = new InterruptibleStream(File.OpenRead(file), cancellation);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    sealed record Record(string Vocabulary, int Count, IReadOnlyList<int> FileEnds, TextCut? Parts);
}
