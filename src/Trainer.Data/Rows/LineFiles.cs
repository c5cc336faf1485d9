using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Reads the formats that have one sample a line, or one a file, and no names of columns.</summary>
static class LineFiles
{
    /// <summary>Sentences of <c>word/tag</c> pairs, one a line; empty lines are passed over.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="data">The names of tags, and how bytes are characters.</param>
    /// <param name="bad">What becomes of malformed lines.</param>
    public static IEnumerable<Row> Tagged(IReadOnlyList<string> paths, DataOptions data, BadRows bad)
    {
        var map = NameMap.Read(data.TargetMap);
        foreach (var path in paths)
        {
            foreach (var line in FileContent.Lines(path, data.Encoding))
            {
                if (string.IsNullOrWhiteSpace(line.Text)) continue;
                Row? row = null;
                try
                {
                    row = Tagged(path, line, map);
                }
                catch (UserErrorException error)
                {
                    bad.Take(error);
                }

                if (row is { } whole) yield return whole;
            }
        }
    }

    /// <summary>Lines of a spelling, white space, and what it stands for. A number in parentheses behind the spelling marks an alternative; lines that begin with <c>;;;</c> are comments.</summary>
    public static IEnumerable<Row> Dictionary(IReadOnlyList<string> paths, DataOptions data, BadRows bad)
    {
        foreach (var path in paths)
        {
            foreach (var line in FileContent.Lines(path, data.Encoding))
            {
                if (string.IsNullOrWhiteSpace(line.Text) || line.Text.StartsWith(";;;", StringComparison.Ordinal)) continue;
                var space = line.Text.AsSpan().IndexOfAny(' ', '\t');
                if (space <= 0)
                {
                    bad.Take(UserErrorException.At($"{path}:{line.Number}", $"holds {Cell.Show(line.Text)}, expected a spelling, white space, and what it stands for"));
                    continue;
                }

                var spelling = WithoutNumber(line.Text[..space]);
                yield return new Row(
                    new Cell(path, line.Number, "spelling", spelling), new Cell(path, line.Number, "target", Without(line.Text[space..].Trim(), data.TargetWithout)), spelling);
            }
        }
    }

    /// <summary>Two files whose lines belong together.</summary>
    /// <exception cref="UserErrorException">One has more lines than the other.</exception>
    public static IEnumerable<Row> Parallel(IReadOnlyList<string> paths, IReadOnlyList<string> targetPaths, DataOptions data)
    {
        if (paths.Count != targetPaths.Count)
            throw new UserErrorException($"data.source stands for {paths.Count} files and data.targetSource for {targetPaths.Count}, expected as many");
        foreach (var (path, targetPath) in paths.Zip(targetPaths))
        {
            using var targets = FileContent.Lines(targetPath, data.Encoding).GetEnumerator();
            var last = 0;
            foreach (var line in FileContent.Lines(path, data.Encoding))
            {
                last = line.Number;
                if (!targets.MoveNext()) throw UserErrorException.At($"{path}:{last}", $"has no line beside it in {targetPath}, expected as many lines in both");
                yield return new Row(
                    new Cell(path, last, "line", line.Text), new Cell(targetPath, last, "line", Without(targets.Current.Text, data.TargetWithout)), line.Text);
            }

            if (targets.MoveNext()) throw UserErrorException.At($"{targetPath}:{last + 1}", $"has no line beside it in {path}, expected as many lines in both");
        }
    }

    /// <summary>Whole files, whose class is the name of their folder.</summary>
    public static IEnumerable<Row> Folders(IReadOnlyList<string> paths, DataOptions data, BadRows bad)
    {
        var map = NameMap.Read(data.TargetMap);
        foreach (var path in paths)
        {
            Row? row = null;
            try
            {
                using var reader = FileContent.OpenText(path, data.Encoding);
                var text = FileContent.ReadToEnd(reader, path);
                var folder = new Cell(path, 1, "folder", Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))!));
                row = new Row(new Cell(path, 1, "text", text), map is null ? folder : folder with { Text = map.Of(folder.Text, folder) }, text);
            }
            catch (UserErrorException error)
            {
                bad.Take(error);
            }

            if (row is { } whole) yield return whole;
        }
    }

    static Row Tagged(string path, TextLine line, NameMap? map)
    {
        var (words, tags) = (new List<string>(), new List<string>());
        var whole = new Cell(path, line.Number, "word/tag", line.Text);
        foreach (var pair in line.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var slash = pair.LastIndexOf('/');
            if (slash <= 0 || slash == pair.Length - 1) throw whole.Error($"has {Cell.Show(pair)}, expected a word, a slash and its tag");
            words.Add(pair[..slash]);
            var tag = pair[(slash + 1)..];
            tags.Add(map is null ? tag : map.Of(tag, whole));
        }

        var text = string.Join(' ', words);
        return new Row(whole with { Text = text }, whole with { Text = string.Join(' ', tags) }, text);
    }

    /// <summary>A spelling without the number of its alternative: <c>READ(1)</c> is <c>READ</c>.</summary>
    static string WithoutNumber(string spelling)
    {
        var open = spelling.LastIndexOf('(');
        return open > 0 && spelling[^1] == ')' && spelling.Length - open > 2 && spelling.AsSpan(open + 1, spelling.Length - open - 2).IndexOfAnyExceptInRange('0', '9') < 0
            ? spelling[..open] : spelling;
    }

    static string Without(string text, string? characters) =>
        characters is null ? text : string.Concat(text.Where(character => !characters.Contains(character, StringComparison.Ordinal)));
}
