using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LstmCluster.Protocol;

/// <summary>
/// <c>manifest.json</c>: the facts, and length and SHA-256 of every other file. Its last line is the SHA-256 of all bytes before that
/// hash, so that a change of the manifest itself is noticed too, to the last blank.
/// </summary>
sealed record ManifestFile(int Format, CheckpointManifest Checkpoint, SortedDictionary<string, ManifestFile.Entry> Files)
{
    public const string Name = "manifest.json";
    public const int CurrentFormat = 1;
    const int LargestBytes = 1 << 20;
    const int HashLength = 64;
    const string HashName = ",\n  \"manifest_sha256\": \"";
    const string End = "\"\n}\n";

    /// <summary>What a file must be.</summary>
    public readonly record struct Entry(long Bytes, string Sha256);

    public byte[] ToBytes()
    {
        var json = JsonSerializer.Serialize(this, ManifestJson.Default.ManifestFile).Replace("\r\n", "\n", StringComparison.Ordinal);
        var body = json[..json.LastIndexOf('}')].TrimEnd() + HashName;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));
        return Encoding.UTF8.GetBytes(body + hash + End);
    }

    /// <exception cref="CorruptFileException">It is not a whole manifest of a format that this program knows.</exception>
    public static ManifestFile Read(Stream stream)
    {
        if (stream.Length > LargestBytes)
            throw new CorruptFileException($"{stream.Length} bytes are too many for a manifest");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var hashAt = bytes.Length - End.Length - HashLength;
        if (hashAt < HashName.Length || !bytes.AsSpan(hashAt + HashLength).SequenceEqual(Encoding.UTF8.GetBytes(End)))
            throw new CorruptFileException("the end is missing");
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(0, hashAt)));
        if (!bytes.AsSpan(hashAt, HashLength).SequenceEqual(Encoding.UTF8.GetBytes(hash)))
            throw new CorruptFileException("SHA-256 differs");
        try
        {
            var manifest = JsonSerializer.Deserialize(bytes, ManifestJson.Default.ManifestFile);
            return manifest is { Format: CurrentFormat, Checkpoint: not null, Files: not null }
                ? manifest
                : throw new CorruptFileException($"format {manifest?.Format} is not the {CurrentFormat} that this program reads");
        }
        catch (JsonException error)
        {
            throw new CorruptFileException("not the JSON of a manifest", error);
        }
    }
}

/// <summary>Serializers made at build time.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ManifestFile))]
sealed partial class ManifestJson : JsonSerializerContext;
