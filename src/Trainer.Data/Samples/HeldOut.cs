using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Which samples are held out, decided by a hash alone: so a sample stays on its side whatever else there is, and samples with the same key are never on two sides.</summary>
static class HeldOut
{
    /// <summary>True for a text that a fraction holds.</summary>
    /// <param name="key">Text of the input, or of what stands for it.</param>
    /// <param name="fraction">Fraction that is held out.</param>
    public static bool Has(string key, double fraction) => PartOf(key, fraction, test: 0) != DataPart.Training;

    /// <summary>The part that a text belongs to.</summary>
    /// <param name="key">Text of the input, or of what stands for it.</param>
    /// <param name="data">Has the fractions.</param>
    public static DataPart PartOf(string key, DataOptions data) => PartOf(key, data.Validation, data.Test);

    /// <summary>The part that a content belongs to.</summary>
    /// <param name="content">The content.</param>
    /// <param name="data">Has the fractions.</param>
    public static DataPart PartOf(Stream content, DataOptions data) => PartOf(SHA256.HashData(content), data.Validation, data.Test);

    /// <summary>The part that a content belongs to.</summary>
    /// <param name="content">The content.</param>
    /// <param name="data">Has the fractions.</param>
    public static DataPart PartOf(ReadOnlySpan<byte> content, DataOptions data)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return PartOf(hash, data.Validation, data.Test);
    }

    static DataPart PartOf(string key, double validation, double test)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        return PartOf(hash, validation, test);
    }

    static DataPart PartOf(ReadOnlySpan<byte> hash, double validation, double test)
    {
        var place = BinaryPrimitives.ReadUInt64LittleEndian(hash) / 18446744073709551616.0;
        return place < validation ? DataPart.Validation : place < validation + test ? DataPart.Test : DataPart.Training;
    }
}
