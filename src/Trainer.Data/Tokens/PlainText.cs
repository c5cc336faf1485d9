using System.Collections;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Reads a running text as bytes or characters, in two passes: what there is, and then the tokens.</summary>
static class PlainText
{
    const int BlockBytes = 1 << 16;
    const int CodePoints = 0x110000;

    /// <summary>Reads files as bytes.</summary>
    /// <exception cref="UserErrorException">A file cannot be read or is empty.</exception>
    public static TokenizedText Bytes(IReadOnlyList<TextContent> files, TokenPlace place)
    {
        var ends = Ends(files, file => file.Use(stream => Blocks(stream, static _ => { })));
        using var tokens = place.NewSink(ends[^1], Vocabulary.Bytes.Size);
        foreach (var (index, file) in files.Index())
        {
            var count = file.Use(stream => Blocks(stream, block =>
            {
                foreach (var value in block.Span) tokens.Add(value);
            }));
            RequireSame(file, count, ends, index);
        }

        return new TokenizedText(Vocabulary.Bytes, tokens.ToSequence()) { FileEnds = ends };
    }

    /// <summary>Reads files as code points. Line ends and byte-order marks are characters like any other.</summary>
    /// <exception cref="UserErrorException">A file cannot be read, is empty, or is not UTF-8.</exception>
    public static TokenizedText Characters(IReadOnlyList<TextContent> files, TokenPlace place)
    {
        var seen = new BitArray(CodePoints);
        var ends = Ends(files, file => file.Use(stream =>
        {
            var (reader, count) = (new CodePointReader(stream, file.Name), 0L);
            for (; reader.MoveNext(); count++) seen[reader.Current] = true;
            return count;
        }));
        int[] codePoints = [.. Enumerable.Range(0, CodePoints).Where(codePoint => seen[codePoint])];
        var idOf = new int[codePoints[^1] + 1];
        idOf.AsSpan().Fill(-1);
        for (var id = 0; id < codePoints.Length; id++) idOf[codePoints[id]] = id;

        using var tokens = place.NewSink(ends[^1], codePoints.Length);
        foreach (var (index, file) in files.Index())
        {
            var count = file.Use(stream =>
            {
                var (reader, read) = (new CodePointReader(stream, file.Name), 0L);
                for (; reader.MoveNext(); read++)
                {
                    var id = reader.Current < idOf.Length ? idOf[reader.Current] : -1;
                    tokens.Add(id >= 0 ? id : throw file.Changed());
                }

                return read;
            });
            RequireSame(file, count, ends, index);
        }

        return new TokenizedText(new CharacterVocabulary(codePoints), tokens.ToSequence()) { FileEnds = ends };
    }

    /// <summary>Number of tokens up to the end of each file.</summary>
    static int[] Ends(IReadOnlyList<TextContent> files, Func<TextContent, long> count)
    {
        var (ends, end) = (new int[files.Count], 0L);
        foreach (var (index, file) in files.Index())
        {
            var own = count(file);
            if (own == 0) throw UserErrorException.At(file.Name, "the file is empty, expected a text (data.source)");
            end += own;
            if (end > int.MaxValue) throw UserErrorException.At(file.Name, $"the text has more than {int.MaxValue} tokens, which is more than can be counted; split its files (data.source)");
            ends[index] = (int)end;
        }

        return ends;
    }

    static void RequireSame(TextContent file, long count, int[] ends, int index)
    {
        if (count != ends[index] - (index == 0 ? 0 : ends[index - 1])) throw file.Changed();
    }

    static long Blocks(Stream stream, Action<ReadOnlyMemory<byte>> use)
    {
        var (block, total) = (new byte[BlockBytes], 0L);
        for (int read; (read = stream.Read(block)) > 0; total += read) use(block.AsMemory(0, read));
        return total;
    }
}
