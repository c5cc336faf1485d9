using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace LstmCluster.Data;

/// <summary>Which rows are kept for validation.</summary>
static class HeldOut
{
    /// <summary>
    /// Decides by a hash of the input's text alone, so that a row stays on its side whatever else the file holds, and rows with the same input are never on both.
    /// </summary>
    /// <param name="input">Text of the input cell.</param>
    /// <param name="fraction">Fraction that is held out.</param>
    public static bool Has(string input, double fraction)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(input), hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash) / 18446744073709551616.0 < fraction;
    }
}
