using System.Text;

namespace LstmCluster.Data;

/// <summary>Every byte is a token; its id is its value.</summary>
sealed class ByteVocabulary : Vocabulary
{
    public override int Size => 256;

    public override int[] Encode(string text) => [.. Encoding.UTF8.GetBytes(text).Select(b => (int)b)];

    public override string Decode(ReadOnlySpan<int> ids)
    {
        var bytes = new byte[ids.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)ids[i], byte.MaxValue, nameof(ids));
            bytes[i] = (byte)ids[i];
        }

        return Encoding.UTF8.GetString(bytes);
    }

    public override byte[] BytesOf(int id)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)id, byte.MaxValue, nameof(id));
        return [(byte)id];
    }

    public override string Serialize() => BytePrefix;
}
