using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace LstmCluster.Protocol;

static class SafetensorsReader
{
    public static Safetensors Read(Stream stream)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Tensors are stored little-endian and not converted.");
        try
        {
            var (tensors, metadata) = ReadHeader(stream);
            using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            return new Safetensors([.. tensors.Select(t => ReadData(stream, t, sha256))], metadata, Convert.ToHexStringLower(sha256.GetHashAndReset()));
        }
        catch (EndOfStreamException error)
        {
            throw new CorruptFileException("the file ends early", error);
        }
    }

    static (List<SafetensorsEntry> Tensors, Dictionary<string, string> Metadata) ReadHeader(Stream stream)
    {
        var available = stream.Length - stream.Position;
        if (available < sizeof(long))
            throw new CorruptFileException($"{available} bytes are too few for a safetensors file");
        Span<byte> prefix = stackalloc byte[sizeof(long)];
        stream.ReadExactly(prefix);
        available -= prefix.Length;
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > Safetensors.LongestHeaderBytes || length > (ulong)available)
            throw new CorruptFileException($"a header of {length} bytes is longer than the file or the limit of {Safetensors.LongestHeaderBytes}");
        var header = new byte[length];
        stream.ReadExactly(header);
        try
        {
            // Names that stand twice are kept by the document and found by the loop below.
            using var json = JsonDocument.Parse(header, new JsonDocumentOptions { MaxDepth = 8 });
            return Parse(json.RootElement, available - header.Length);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new CorruptFileException("the header is not valid JSON", error);
        }
    }

    static (List<SafetensorsEntry> Tensors, Dictionary<string, string> Metadata) Parse(JsonElement root, long dataLength)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new CorruptFileException("the header is not a JSON object");
        var tensors = new List<SafetensorsEntry>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in root.EnumerateObject())
        {
            if (!names.Add(property.Name))
                throw new CorruptFileException($"{property.Name} stands twice in the header");
            if (property.Name == Safetensors.MetadataName)
                ParseMetadata(property.Value, metadata);
            else
                tensors.Add(SafetensorsEntry.Parse(property.Name, property.Value, dataLength));
        }

        tensors.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        RequireNoGaps(tensors, dataLength);
        return (tensors, metadata);
    }

    static void ParseMetadata(JsonElement value, Dictionary<string, string> metadata)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw new CorruptFileException("the metadata are not a map of strings");
        foreach (var entry in value.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.String || !metadata.TryAdd(entry.Name, entry.Value.GetString()!))
                throw new CorruptFileException($"metadata {entry.Name} is not one string");
        }
    }

    static void RequireNoGaps(List<SafetensorsEntry> tensors, long dataLength)
    {
        long offset = 0;
        foreach (var tensor in tensors)
        {
            if (tensor.Begin != offset)
                throw new CorruptFileException($"tensor {tensor.Name} begins at {tensor.Begin}, the one before ends at {offset}");
            offset = tensor.End;
        }

        if (offset != dataLength)
            throw new CorruptFileException($"the header describes {offset} bytes of data, the file has {dataLength}");
    }

    static TensorData ReadData(Stream stream, SafetensorsEntry entry, IncrementalHash sha256)
    {
        if (entry.Type == TensorType.F32)
        {
            var floats = new float[entry.Count];
            for (var start = 0; start < floats.Length; start += Safetensors.ChunkElements)
                Fill(MemoryMarshal.AsBytes(floats.AsSpan(start, Math.Min(Safetensors.ChunkElements, floats.Length - start))));
            return TensorData.Of(entry.Name, floats, entry.Shape);
        }

        var bytes = new byte[entry.End - entry.Begin];
        Fill(bytes);
        return TensorData.OfBytes(entry.Name, entry.Type, bytes, entry.Shape);

        void Fill(Span<byte> target)
        {
            stream.ReadExactly(target);
            sha256.AppendData(target);
        }
    }
}
