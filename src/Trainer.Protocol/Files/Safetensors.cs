namespace LstmCluster.Protocol;

/// <summary>
/// Content of a safetensors file: 8 bytes little-endian header length, a JSON header (type, shape and offsets by name, and a map of
/// strings), the elements. Format: https://github.com/huggingface/safetensors#format.
/// </summary>
/// <param name="Tensors">The tensors, in the order of their data.</param>
/// <param name="Metadata">Strings by name, the header's <c>__metadata__</c>.</param>
/// <param name="DataSha256">SHA-256 of all bytes after the header, lower-case hexadecimal.</param>
public sealed record Safetensors(IReadOnlyList<TensorData> Tensors, IReadOnlyDictionary<string, string> Metadata, string DataSha256)
{
    /// <summary>Longest header that is read or written, bytes; the limit of the reference implementation.</summary>
    internal const int LongestHeaderBytes = 100_000_000;

    internal const string MetadataName = "__metadata__";

    // Data begin at a multiple of this, so that a mapped file has aligned elements.
    internal const int AlignmentBytes = 8;

    /// <summary>Elements that are converted, hashed and moved at a time.</summary>
    internal const int ChunkElements = 1 << 16;

    /// <summary>Writes a file, tensors in the order given. The same input gives the same bytes.</summary>
    /// <param name="stream">Where to; not closed.</param>
    /// <param name="tensors">Tensors with distinct names.</param>
    /// <param name="metadata">Strings to keep in the header.</param>
    /// <returns>SHA-256 of the data section, lower-case hexadecimal.</returns>
    /// <exception cref="ArgumentException">Two tensors have one name, or one has the name of the metadata.</exception>
    public static string Write(Stream stream, IReadOnlyList<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        SafetensorsWriter.Write(stream, tensors, metadata);

    /// <summary>Reads a file and checks all of it: nothing is allocated on the word of a length that the stream does not bear out.</summary>
    /// <param name="stream">A seekable stream at the file's begin; not closed.</param>
    /// <exception cref="CorruptFileException">It is not a whole and consistent safetensors file.</exception>
    public static Safetensors Read(Stream stream) => SafetensorsReader.Read(stream);

    /// <summary>The tensor of a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="CorruptFileException">There is none.</exception>
    public TensorData this[string name] =>
        Tensors.FirstOrDefault(t => t.Name == name) ?? throw new CorruptFileException($"tensor {name} is missing");
}
