using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Reads the words of a running text, line by line; which of them are known is decided by the part that is trained on.</summary>
static class WordText
{
    /// <summary>Reads files.</summary>
    /// <param name="files">The files in their order.</param>
    /// <param name="data">How they are split, and how many words become known.</param>
    /// <exception cref="UserErrorException">A file cannot be read or is not UTF-8, or there is no word to train on.</exception>
    public static TokenizedText Read(TextFiles files, DataOptions data)
    {
        var table = new TokenTable();
        var (ids, ends) = (new List<int>(), new int[files.Paths.Count]);
        for (var file = 0; file < ends.Length; file++)
        {
            foreach (var line in FileContent.Lines(files.Paths[file]))
                for (var words = new TokenSplitter(line.Text, TokenKind.Word); words.MoveNext();)
                    ids.Add(table.Add(words.Current));
            ends[file] = ids.Count;
        }

        var cut = files.Cut(ends, data);
        if (cut.Training == 0) throw UserErrorException.At(files.Name, "there is no word to train on, expected a text (data.source)");
        int[] training = [.. ids[..cut.Training]], others = [.. ids[cut.Training..]];
        var vocabulary = table.ToVocabulary(TokenKind.Word, [training], [others], data.Vocabulary);
        var tokens = new TokenSequence.Builder(ids.Count, vocabulary.Size);
        foreach (var id in training) tokens.Add(id);
        foreach (var id in others) tokens.Add(id);
        return new TokenizedText(vocabulary, tokens.ToSequence()) { FileEnds = ends };
    }
}
