using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Reads a running text as byte pairs, line by line; which pairs are tokens is decided by the part that is trained on.</summary>
static class SubwordText
{
    /// <summary>Reads files. The end of a line is one line feed, whatever it is in the file.</summary>
    /// <param name="files">The files in their order.</param>
    /// <param name="data">How they are split, and how many tokens there are.</param>
    /// <param name="place">Where the tokens are kept.</param>
    /// <exception cref="UserErrorException">A file cannot be read or is not UTF-8, or there is nothing to train on.</exception>
    public static TokenizedText Read(TextFiles files, DataOptions data, TokenPlace place)
    {
        // First pieces, which the parts are cut by, then the tokens of each piece.
        using var seen = place.NewSpool();
        var table = new TokenTable();
        var ends = seen.ReadFiles(files, line =>
        {
            for (var pieces = new SubwordPieces(line); pieces.MoveNext();) seen.Add(table.Add(pieces.Current));
            seen.Add(table.Add("\n"));
        });

        if (seen.Count == 0) throw UserErrorException.At(files.Name, "the text is empty, expected one to train on (data.source)");
        var cut = files.Cut(ends, data);
        var counts = seen.Counts(table.Count, cut.Training, files.Cancellation);
        var vocabulary = SubwordTraining.Train(
            Enumerable.Range(0, counts.Length).Where(id => counts[id] > 0).Select(id => KeyValuePair.Create(table[id], counts[id])), data.Vocabulary!.Value, files.Cancellation);
        int[][] tokens = [.. Enumerable.Range(0, table.Count).Select(Tokens)];
        return Encode(seen, tokens, vocabulary, cut, files, place);

        int[] Tokens(int id)
        {
            files.Cancellation.ThrowIfCancellationRequested();
            return vocabulary.EncodePiece(table[id]);
        }
    }

    static TokenizedText Encode(IdSpool pieces, int[][] tokens, SubwordVocabulary vocabulary, TextCut cut, TextFiles files, TokenPlace place)
    {
        // Tokens up to the end of each part, since the parts are cut by pieces.
        var (ends, end, at) = (new long[3], 0L, 0);
        foreach (var block in pieces.Blocks(files.Cancellation))
        {
            foreach (var piece in block.Span)
            {
                end += tokens[piece].Length;
                at++;
                if (at <= cut.Training) ends[0] = end;
                if (at <= cut.Training + cut.Validation) ends[1] = end;
                ends[2] = end;
            }
        }

        if (end > int.MaxValue) throw UserErrorException.At(files.Name, $"the text has more than {int.MaxValue} tokens, which is more than can be counted; split its files (data.source)");
        using var sink = place.NewSink((int)end, vocabulary.Size);
        foreach (var block in pieces.Blocks(files.Cancellation))
            foreach (var piece in block.Span)
                foreach (var token in tokens[piece])
                    sink.Add(token);
        return new TokenizedText(vocabulary, sink.ToSequence()) { Parts = new TextCut((int)ends[0], (int)(ends[1] - ends[0]), (int)(ends[2] - ends[1])) };
    }
}
