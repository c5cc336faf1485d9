using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Reads the words of a running text, line by line; which of them are known is decided by the part that is trained on.</summary>
static class WordText
{
    /// <summary>Reads files.</summary>
    /// <param name="files">The files in their order.</param>
    /// <param name="data">How they are split, and how many words become known.</param>
    /// <param name="place">Where the tokens are kept.</param>
    /// <exception cref="UserErrorException">A file cannot be read or is not UTF-8, or there is no word to train on.</exception>
    public static TokenizedText Read(TextFiles files, DataOptions data, TokenPlace place)
    {
        // First numbers in the order in which words are seen, since the parts are cut by the number of words; then the words that are known.
        using var seen = place.NewSpool();
        var table = new TokenTable();
        var ends = seen.ReadFiles(files, line =>
        {
            for (var words = new TokenSplitter(line, TokenKind.Word); words.MoveNext();) seen.Add(table.Add(words.Current));
        });

        var cut = files.Cut(ends, data);
        if (cut.Training == 0) throw UserErrorException.At(files.Name, "there is no word to train on, expected a text (data.source)");
        var (vocabulary, ids) = table.ToVocabulary(TokenKind.Word, seen.Counts(table.Count, cut.Training, files.Cancellation), data.Vocabulary);
        using var tokens = place.NewSink(seen.Count, vocabulary.Size);
        foreach (var block in seen.Blocks(files.Cancellation))
            foreach (var id in block.Span)
                tokens.Add(ids[id]);
        return new TokenizedText(vocabulary, tokens.ToSequence()) { FileEnds = ends };
    }
}
