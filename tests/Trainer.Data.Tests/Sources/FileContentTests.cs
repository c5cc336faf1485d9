using System.IO.Compression;
using System.Text;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

/// <summary>Files that are packed or begin with a mark, and what is wrong with them.</summary>
public sealed class FileContentTests : IDisposable
{
    const string Rows = "text\tlabel\na b\tx\nb a\ty\n";

    readonly string _folder = Directory.CreateTempSubdirectory("lstm-cluster-test-").FullName;

    static string Long => string.Concat(Enumerable.Range(0, 20_000).Select(number => $"{number * 7919 % 10007}\n"));

    [Fact]
    public void A_packed_file_of_several_members_is_read_whole() =>
        Encoding.UTF8.GetString(FileContent.ReadAll(Write("two.gz", [.. Packed("one\n"), .. Packed("two\n")]))).ShouldBe("one\ntwo\n");

    [Theory]
    [InlineData(0.5)]
    [InlineData(-9)]
    [InlineData(-8)]
    [InlineData(-1)]
    [InlineData(1.5)]
    [InlineData(5)]
    public void A_packed_file_that_ends_too_early_is_no_whole_file(double end)
    {
        // A part of its only member, bytes before the end of that, or a second member that is cut.
        var member = Packed(Long);
        var bytes = end switch
        {
            < 0 => member[..^(int)-end],
            < 1 => member[..(int)(end * member.Length)],
            < 2 => [.. member, .. member[..(int)((end - 1) * member.Length)]],
            _ => [.. member, .. member[..(int)end]],
        };
        var path = Write("cut.gz", bytes);

        Should.Throw<UserErrorException>(() => FileContent.ReadAll(path)).Message.ShouldStartWith($"{path}: the data cannot be read: ");
        Should.Throw<UserErrorException>(() => FileContent.Lines(path).Count()).Message.ShouldStartWith($"{path}: the data cannot be read: ");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rows_tables_and_inputs_of_a_packed_file_that_is_damaged_are_refused_by_its_name(bool isCut)
    {
        var bytes = Packed(Rows);
        if (isCut) bytes = bytes[..^3];
        // The checksum.
        else bytes[^6] ^= 0x55;
        var path = Write("rows.tsv.gz", bytes);
        var rows = new DataOptions { Source = path, Format = DataFormat.Tsv, Input = "text", Target = "label", Tokens = TokenKind.Word };
        var table = SampleJobs.Of(new ForecasterTask { Context = 1, Horizon = 1 }).With(data => data with { Columns = [new CategoricalColumnOptions { Name = "text" }] });

        Refusal(() => RowFile.Read([path], rows, new BadRows(MalformedRows.Skip)).Count());
        Refusal(() => TableReader.Read([path], table, new BadRows(MalformedRows.Skip), SpoolPlace.Memory));
        Refusal(() => InputRows.ReadFile(path, rows, plain: false).Count());
        Refusal(() => InputRows.ReadFile(path, rows, plain: true).Count());

        void Refusal(Func<object> read) => Should.Throw<UserErrorException>(read).Message.ShouldStartWith($"{path}: the data cannot be read: ");
    }

    [Fact]
    public void The_mark_at_the_beginning_of_UTF_8_is_passed_over()
    {
        var path = Write("marked.tsv", [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Rows)]);

        FileContent.Lines(path).First().ShouldBe(new TextLine(1, "text\tlabel"));
        foreach (var read in Inputs(path)) read().ShouldBe([new InputRow(2, "a b"), new InputRow(3, "b a")]);
    }

    [Theory]
    [InlineData(0xEF, 0xBB, 0xBF)]
    [InlineData(0xFF, 0xFE)]
    [InlineData(0xFE, 0xFF)]
    [InlineData(0xFF, 0xFE, 0x00, 0x00)]
    public void No_mark_makes_bytes_that_are_no_characters_readable(params int[] mark)
    {
        byte[] bytes = [.. mark.Select(value => (byte)value), .. Encoding.UTF8.GetBytes(Rows), 0xC3, (byte)'x', (byte)'\t', (byte)'z', (byte)'\n'];
        var path = Write("wrong.tsv", bytes);

        Should.Throw<UserErrorException>(() => FileContent.Lines(path).Count()).Message.ShouldContain("not UTF-8");
        foreach (var read in Inputs(path)) Should.Throw<UserErrorException>(read).Message.ShouldContain("not UTF-8");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The inputs of a file, read as one and as a stream.</summary>
    static IEnumerable<Func<List<InputRow>>> Inputs(string path)
    {
        var data = new DataOptions { Source = path, Format = DataFormat.Tsv, Input = "text", Target = "label", Tokens = TokenKind.Word };
        yield return () => [.. InputRows.ReadFile(path, data, plain: false)];
        yield return () =>
        {
            using var stream = File.OpenRead(path);
            return [.. InputRows.Read(stream, path, data, plain: false)];
        };
    }

    static byte[] Packed(string text)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true)) stream.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }

    string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
