using System.Globalization;
using System.IO.Compression;
using System.Text;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

/// <summary>
/// Texts that are not held in memory. The environment variable LSTM_CLUSTER_TEXT_MB makes the one whose memory is counted larger than its 8 MB.
/// </summary>
public sealed class TokenCacheTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("lstm-cluster-test-").FullName;

    public static TheoryData<TokenKind> Kinds => [TokenKind.Byte, TokenKind.Character, TokenKind.Word, TokenKind.Subword];

    FetchOptions Fetching => new() { CacheDirectory = Path.Combine(_folder, "cache"), LargestTextInMemory = 0 };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Tokens_in_a_file_are_those_in_memory_and_made_once(TokenKind kind)
    {
        // Characters of one to four bytes, so that some of them lie across the ends of blocks, and every kind of line end.
        var text = string.Concat(Enumerable.Range(0, 30_000).Select(index => $"{"aé☃🐳"[index % 3]}{index % 97}{(index % 7) switch { 0 => "\r\n", 1 => "\n", 2 => "\r", _ => " " }}🐳"));
        var (files, data) = (Files(text, "the end"), Data(kind));
        var expected = TokenizedText.Read(files, data, TokenPlace.Memory);
        var told = new List<string>();

        var first = TokenCache.Read(files, data, Fetching, told.Add);
        var again = TokenCache.Read(files, data, Fetching, told.Add);

        told.ShouldHaveSingleItem().ShouldStartWith("encoding ");
        foreach (var text2 in new[] { first, again })
        {
            text2.Vocabulary.Serialize().ShouldBe(expected.Vocabulary.Serialize());
            Ids(text2).ShouldBe(Ids(expected));
            text2.FileEnds.ShouldBe(expected.FileEnds);
            text2.Parts.ShouldBe(expected.Parts);
            text2.Tokens.Sha256().ShouldBe(expected.Tokens.Sha256());
        }

        var (here, there) = (new int[15_000], new int[15_000]);
        expected.Tokens.Scatter(11, 5_000, here, 3);
        again.Tokens.Scatter(11, 5_000, there, 3);
        there.ShouldBe(here);
        again.Tokens[expected.Tokens.Count - 1].ShouldBe(expected.Tokens[expected.Tokens.Count - 1]);
        Should.Throw<ArgumentOutOfRangeException>(() => again.Tokens.Scatter(again.Tokens.Count - 1, 2, there, 1));
    }

    [Fact]
    public void What_is_damaged_is_made_again_and_another_text_is_another_entry()
    {
        var (files, data, told) = (Files("one two three two", "one"), Data(TokenKind.Word), new List<string>());
        var expected = Ids(TokenCache.Read(files, data, Fetching, told.Add));
        var entry = Directory.GetDirectories(Path.Combine(_folder, "cache", "tokens")).ShouldHaveSingleItem();
        foreach (var file in Directory.GetFiles(entry))
        {
            var bytes = File.ReadAllBytes(file);
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(file, bytes);
            Ids(TokenCache.Read(files, data, Fetching, told.Add)).ShouldBe(expected);
            File.Delete(file);
            Ids(TokenCache.Read(files, data, Fetching, told.Add)).ShouldBe(expected);
        }

        told.Count(line => line.Contains("damaged", StringComparison.Ordinal)).ShouldBe(6);
        Directory.GetDirectories(Path.Combine(_folder, "cache", "tokens")).ShouldBe([entry], "nothing is left of what was damaged");
        File.AppendAllText(files.Paths[0], " four");
        TokenCache.Read(files, data, Fetching, null).Tokens.Count.ShouldBe(6);
        TokenCache.Read(files, data with { Vocabulary = 1 }, Fetching, null).Vocabulary.Size.ShouldBe(2);
        Directory.GetDirectories(Path.Combine(_folder, "cache", "tokens")).Length.ShouldBe(3);
    }

    [Fact]
    public void What_is_written_is_closed_before_it_is_put_in_place()
    {
        var files = Files("one two three");
        using (TokenCache.Read(files, Data(TokenKind.Word), Fetching, null).Tokens.ShouldBeOfType<TokenFile>())
        {
        }

        // It would be refused as long as there is another handle.
        var tokens = Path.Combine(Directory.GetDirectories(Path.Combine(_folder, "cache", "tokens")).ShouldHaveSingleItem(), TokenPlace.TokensFile);
        using (File.Open(tokens, FileMode.Open, FileAccess.ReadWrite, FileShare.None)) File.Exists(tokens).ShouldBeTrue();
    }

    [Fact]
    public void Only_large_texts_are_kept_in_files()
    {
        var files = Files(new string('a', 100));
        TokenCache.IsFor(files, Fetching with { LargestTextInMemory = 100 }).ShouldBeFalse();
        TokenCache.IsFor(files, Fetching with { LargestTextInMemory = 99 }).ShouldBeTrue();
        var packed = Path.Combine(_folder, "packed.txt.gz");
        using (var stream = new GZipStream(File.Create(packed), CompressionLevel.Fastest)) stream.Write(Encoding.UTF8.GetBytes("some words"));
        TokenCache.IsFor(new TextFiles([packed]), Fetching with { LargestTextInMemory = (4 * new FileInfo(packed).Length) - 1 }).ShouldBeTrue();
        TokenCache.Read(new TextFiles([packed]), Data(TokenKind.Character), Fetching, null).Tokens.Count.ShouldBe(10);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_text_takes_no_more_memory_the_longer_it_is(TokenKind kind)
    {
        var megabytes = int.Parse(Environment.GetEnvironmentVariable("LSTM_CLUSTER_TEXT_MB") ?? "8", CultureInfo.InvariantCulture);
        var file = Path.Combine(_folder, "large.txt");
        using (var writer = new StreamWriter(file))
            for (long written = 0, line = 0; written < (long)megabytes << 20; line++)
            {
                var text = $"line {line % 1000} of many, each with some words that come again and again\n";
                writer.Write(text);
                written += text.Length;
            }

        // All that is allocated, and so more than is ever held at once.
        var before = GC.GetAllocatedBytesForCurrentThread();
        var tokens = TokenCache.Read(new TextFiles([file]), Data(kind), Fetching, null).Tokens;
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        TestContext.Current.TestOutputHelper?.WriteLine($"{megabytes} MB of {kind}: {tokens.Count} tokens, {allocated} bytes allocated");
        ((long)tokens.Count * 8).ShouldBeGreaterThan((long)megabytes << 20);
        allocated.ShouldBeLessThan(4 << 20);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static DataOptions Data(TokenKind kind) => new() { Source = "x", Tokens = kind, Split = SplitKind.Order, Validation = 0.2, Test = 0.1, Vocabulary = kind == TokenKind.Subword ? 300 : null };

    static int[] Ids(TokenizedText text)
    {
        var ids = new int[text.Tokens.Count];
        text.Tokens.Scatter(0, ids.Length, ids, 1);
        return ids;
    }

    TextFiles Files(params string[] contents)
    {
        string[] paths = [.. contents.Select((_, index) => Path.Combine(_folder, $"part{index}.txt"))];
        foreach (var (path, content) in paths.Zip(contents)) File.WriteAllText(path, content);
        return new TextFiles(paths);
    }
}
