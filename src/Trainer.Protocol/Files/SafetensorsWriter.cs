using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

namespace LstmCluster.Protocol;

static class SafetensorsWriter
{
    public static string Write(Stream stream, IReadOnlyList<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Tensors are stored little-endian and not converted.");
        stream.Write(Header(tensors, metadata ?? new Dictionary<string, string>()));

        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var tensor in tensors)
        {
            for (var start = 0; start < tensor.Count; start += Safetensors.ChunkElements)
            {
                var bytes = tensor.Bytes(start, Math.Min(Safetensors.ChunkElements, tensor.Count - start));
                sha256.AppendData(bytes);
                stream.Write(bytes);
            }
        }

        return Convert.ToHexStringLower(sha256.GetHashAndReset());
    }

    /// <summary>Length and padded JSON.</summary>
    static byte[] Header(IReadOnlyList<TensorData> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var header = new MemoryStream();
        header.Write(stackalloc byte[sizeof(long)]);
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
                WriteMetadata(json, metadata);
            WriteTensors(json, tensors);
            json.WriteEndObject();
        }

        while (header.Length % Safetensors.AlignmentBytes != 0)
            header.WriteByte((byte)' ');
        var bytes = header.ToArray();
        var length = bytes.Length - sizeof(long);
        if (length > Safetensors.LongestHeaderBytes)
            throw new ArgumentException($"A header of {length} bytes is longer than the format allows.", nameof(metadata));
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        return bytes;
    }

    static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject(Safetensors.MetadataName);
        foreach (var (name, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
            json.WriteString(name, value);
        json.WriteEndObject();
    }

    static void WriteTensors(Utf8JsonWriter json, IReadOnlyList<TensorData> tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { Safetensors.MetadataName };
        long offset = 0;
        foreach (var tensor in tensors)
        {
            if (!names.Add(tensor.Name))
                throw new ArgumentException($"Two tensors are named {tensor.Name}, or the name is reserved.", nameof(tensors));
            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype", tensor.Type.ToString());
            json.WriteStartArray("shape");
            foreach (var size in tensor.Shape)
                json.WriteNumberValue(size);
            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(offset);
            json.WriteNumberValue(offset += tensor.ByteLength);
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }
}
