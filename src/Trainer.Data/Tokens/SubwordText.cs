using System.Runtime.InteropServices;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Reads a running text as byte pairs, line by line; which pairs are tokens is decided by the part that is trained on.</summary>
static class SubwordText
{
    /// <summary>Reads files. The end of a line is one line feed, whatever it is in the file.</summary>
    /// <param name="files">The files in their order.</param>
    /// <param name="data">How they are split, and how many tokens there are.</param>
    /// <exception cref="UserErrorException">A file cannot be read or is not UTF-8, or there is nothing to train on.</exception>
    public static TokenizedText Read(TextFiles files, DataOptions data)
    {
        // First pieces, which the parts are cut by, then the tokens of each piece.
        var table = new TokenTable();
        var (ids, ends) = (new List<int>(), new int[files.Paths.Count]);
        for (var file = 0; file < ends.Length; file++)
        {
            foreach (var line in FileContent.Lines(files.Paths[file]))
            {
                for (var pieces = new SubwordPieces(line.Text); pieces.MoveNext();) ids.Add(table.Add(pieces.Current));
                ids.Add(table.Add("\n"));
            }

            ends[file] = ids.Count;
        }

        if (ids.Count == 0) throw UserErrorException.At(files.Name, "the text is empty, expected one to train on (data.source)");
        var cut = files.Cut(ends, data);
        var counts = new int[table.Count];
        foreach (var id in CollectionsMarshal.AsSpan(ids)[..cut.Training]) counts[id]++;
        var vocabulary = SubwordTraining.Train(
            Enumerable.Range(0, counts.Length).Where(id => counts[id] > 0).Select(id => KeyValuePair.Create(table[id], counts[id])), data.Vocabulary!.Value);
        int[][] tokens = [.. Enumerable.Range(0, table.Count).Select(id => vocabulary.EncodePiece(table[id]))];
        return Encode(ids, tokens, vocabulary, cut);
    }

    static TokenizedText Encode(List<int> pieces, int[][] tokens, SubwordVocabulary vocabulary, TextCut cut)
    {
        var total = 0L;
        foreach (var piece in pieces) total += tokens[piece].Length;
        var builder = new TokenSequence.Builder(checked((int)total), vocabulary.Size);
        var (at, ends, end) = (0, new int[3], 0);
        foreach (var (part, count) in new[] { cut.Training, cut.Validation, cut.Test }.Index())
        {
            for (var last = at + count; at < last; at++)
            {
                foreach (var token in tokens[pieces[at]]) builder.Add(token);
                end += tokens[pieces[at]].Length;
            }

            ends[part] = end;
        }

        return new TokenizedText(vocabulary, builder.ToSequence()) { Parts = new TextCut(ends[0], ends[1] - ends[0], ends[2] - ends[1]) };
    }
}
