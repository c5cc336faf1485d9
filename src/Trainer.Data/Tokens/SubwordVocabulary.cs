using System.Text;
using System.Text.Json;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>All bytes, and pairs of tokens that became tokens of their own (byte-pair encoding, Sennrich et al. 2016): every text can be read, and nothing is unknown.</summary>
sealed class SubwordVocabulary : Vocabulary
{
    const int Bytes256 = 256;

    readonly (int Left, int Right)[] _merges;
    readonly Dictionary<(int Left, int Right), int> _ids;
    readonly byte[][] _bytes;
    readonly Dictionary<string, int[]> _known = new(StringComparer.Ordinal);
    readonly Dictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    /// <param name="merges">Pairs in the order in which they became tokens; the n-th has the id 256 + n.</param>
    public SubwordVocabulary((int Left, int Right)[] merges)
    {
        _merges = merges;
        _ids = new Dictionary<(int, int), int>(merges.Length);
        _bytes = new byte[Bytes256 + merges.Length][];
        for (var id = 0; id < Bytes256; id++) _bytes[id] = [(byte)id];
        foreach (var (index, (left, right)) in merges.Index())
        {
            _ids.Add((left, right), Bytes256 + index);
            _bytes[Bytes256 + index] = [.. _bytes[left], .. _bytes[right]];
        }

        _lookup = _known.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public override int Size => _bytes.Length;

    public override int[] Encode(string text)
    {
        var ids = new List<int>();
        for (var pieces = new SubwordPieces(text); pieces.MoveNext();) ids.AddRange(EncodePiece(pieces.Current));
        return [.. ids];
    }

    /// <summary>The ids of a piece.</summary>
    public int[] EncodePiece(ReadOnlySpan<char> piece)
    {
        // The same words come again and again.
        lock (_known)
        {
            if (_lookup.TryGetValue(piece, out var known)) return known;
            known = Merge(piece);
            if (_known.Count < 1 << 18) _known.Add(piece.ToString(), known);
            return known;
        }
    }

    public override string Decode(ReadOnlySpan<int> ids)
    {
        var bytes = new List<byte>();
        foreach (var id in ids) bytes.AddRange(BytesOf(id));
        return Encoding.UTF8.GetString([.. bytes]);
    }

    public override byte[] BytesOf(int id)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)_bytes.Length, nameof(id));
        return _bytes[id];
    }

    public override string Serialize() => SubwordPrefix + JsonSerializer.Serialize(_merges.SelectMany(merge => new[] { merge.Left, merge.Right }));

    /// <summary>Makes a vocabulary from the list in its string.</summary>
    /// <exception cref="CorruptFileException">It is not a list of pairs of earlier tokens.</exception>
    public static new SubwordVocabulary Parse(string list)
    {
        int[]? flat;
        try
        {
            flat = JsonSerializer.Deserialize<int[]>(list);
        }
        catch (JsonException error)
        {
            throw new CorruptFileException($"the vocabulary cannot be read: {error.Message}", error);
        }

        if (flat is null || flat.Length % 2 != 0) throw new CorruptFileException("the vocabulary is no list of pairs");
        var merges = new (int Left, int Right)[flat.Length / 2];
        var seen = new HashSet<(int, int)>();
        for (var index = 0; index < merges.Length; index++)
        {
            merges[index] = (flat[2 * index], flat[(2 * index) + 1]);
            var limit = Bytes256 + index;
            if ((uint)merges[index].Left >= limit || (uint)merges[index].Right >= limit || !seen.Add(merges[index])) throw new CorruptFileException("the vocabulary has a pair that cannot be");
        }

        return new SubwordVocabulary(merges);
    }

    /// <summary>Merges the pair that became a token first, everywhere, as long as there is one.</summary>
    int[] Merge(ReadOnlySpan<char> piece)
    {
        List<int> ids = [.. Encoding.UTF8.GetBytes(piece.ToString()).Select(value => (int)value)];
        while (ids.Count > 1)
        {
            var first = int.MaxValue;
            for (var place = 1; place < ids.Count; place++)
                if (_ids.TryGetValue((ids[place - 1], ids[place]), out var id) && id < first)
                    first = id;
            if (first == int.MaxValue) break;
            Replace(ids, _merges[first - Bytes256], first);
        }

        return [.. ids];
    }

    /// <summary>Puts a token in the place of each pair, from the left.</summary>
    internal static void Replace(List<int> ids, (int Left, int Right) pair, int token)
    {
        var kept = 0;
        for (var place = 0; place < ids.Count; place++)
        {
            var isPair = place + 1 < ids.Count && ids[place] == pair.Left && ids[place + 1] == pair.Right;
            ids[kept++] = isPair ? token : ids[place];
            if (isPair) place++;
        }

        ids.RemoveRange(kept, ids.Count - kept);
    }
}
