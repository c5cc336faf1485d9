using System.Text;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

/// <summary>Rows of other formats than cells under names: tagged sentences, dictionaries, parallel files, folders, images.</summary>
public sealed class FormatTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("formats-").FullName;

    [Fact]
    public async Task Tagged_sentences_are_words_and_the_other_names_of_their_tags()
    {
        Write("map.tsv", "# what they mean\nat\tDET\nnn\tNOUN\n,\t.\n\nvbz\tVERB\n");
        Write("a", "\n\tThe/at 1/2/nn ,/, swims/vbz \n\n\n");
        var data = await LoadAsync(Job(new TaggerTask(), DataFormat.Tagged, TokenKind.Word) with { TargetMap = In("map.tsv"), Source = In("a") });

        data.Encoding.Inputs!.Decode(data.Training[0].Tokens).ShouldBe("The 1/2 , swims");
        Classes(data).ShouldBe("DET NOUN . VERB");
    }

    [Fact]
    public async Task The_tag_of_a_word_stands_at_its_last_character()
    {
        Write("a", "é\U0001F600/X b/Y\n");
        var data = await LoadAsync(Job(new TaggerTask(), DataFormat.Tagged, TokenKind.Character) with { Source = In("a") });

        data.Training[0].Steps.ShouldBe(4);
        data.Training[0].Classes.ShouldBe([-1, 0, -1, 1]);
        data.Encoding.Classes!.Serialize().ShouldBe("[\"X\",\"Y\"]");
    }

    [Theory]
    [InlineData("The/at whale\n", "{0}/a:1: column \"word/tag\" has \"whale\", expected a word, a slash and its tag")]
    [InlineData("ok/at\n/at\n", "{0}/a:2: column \"word/tag\" has \"/at\", expected a word, a slash and its tag")]
    [InlineData("\nThe/zz\n", "{0}/a:2: column \"word/tag\" has \"zz\", which {0}/map.tsv (data.targetMap) has no other name for")]
    public async Task A_malformed_sentence_is_named(string text, string message)
    {
        Write("map.tsv", "at\tDET\n");
        Write("a", text);
        var job = Job(new TaggerTask(), DataFormat.Tagged, TokenKind.Word) with { TargetMap = In("map.tsv"), Source = In("a") };

        (await RefusalAsync(job)).ShouldBe(message.Replace("{0}", _folder, StringComparison.Ordinal));
        (await LoadAsync(job with { Source = In("a"), OnBadRow = MalformedRows.Skip }, "ok/at\n" + text)).Notices.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("at\n", "map.tsv:1: holds \"at\", expected a name, a tab and its other name")]
    [InlineData("at\tA\nat\tB\n", "map.tsv:2: \"at\" is there twice, expected each name once")]
    public async Task A_malformed_file_of_names_is_named(string map, string message)
    {
        Write("map.tsv", map);
        Write("a", "x/at\n");

        (await RefusalAsync(Job(new TaggerTask(), DataFormat.Tagged, TokenKind.Word) with { TargetMap = In("map.tsv"), Source = In("a") })).ShouldBe(In(message));
    }

    [Fact]
    public async Task A_dictionary_has_spellings_with_alternatives_and_drops_what_it_is_told_to()
    {
        Write("a", ";;; comment\nREAD  R EH1 D\nREAD(1)  R IY1 D\n\n(PAREN  P ER0\nF(X)\tEH1 F\n");
        var data = await LoadAsync(Job(new SequenceToSequenceTask(), DataFormat.Dictionary, TokenKind.Character) with { Source = In("a"), TargetTokens = TokenKind.Word, TargetWithout = "012" });

        var spellings = Enumerable.Range(0, 4).Select(index => data.Encoding.Inputs!.Decode(data.Training[index].Tokens)).ToList();
        spellings.ShouldBe(["READ", "READ", "(PAREN", "F(X)"]);
        data.Encoding.Targets!.Decode(data.Training[1].Classes).ShouldBe("R IY D");
        data.Training.AlternativesOf(0).ShouldBe([0, 1]);
        data.Training.AlternativesOf(2).ShouldBe([2]);
        Write("a", "ALONE\n");
        (await RefusalAsync(Job(new SequenceToSequenceTask(), DataFormat.Dictionary, TokenKind.Character) with { Source = In("a") }))
            .ShouldBe(In("a:1: holds \"ALONE\", expected a spelling, white space, and what it stands for"));
    }

    [Fact]
    public async Task Alternatives_are_on_one_side()
    {
        Write("a", string.Concat(Enumerable.Range(0, 200).Select(row => $"W{row / 2}{(row % 2 == 1 ? "(1)" : "")}  P{row}\n")));
        var data = await LoadAsync(Job(new SequenceToSequenceTask(), DataFormat.Dictionary, TokenKind.Byte) with { Source = In("a"), TargetTokens = TokenKind.Word, Validation = 0.3, Test = 0.3 });

        foreach (var set in new[] { data.Training, data.Validation!, data.Test! })
            Enumerable.Range(0, set.Count).ShouldAllBe(index => set.AlternativesOf(index).Count() == 2);
    }

    [Fact]
    public async Task Lines_of_two_files_belong_together()
    {
        Write("a.en", "the sea\nships\n");
        Write("a.de", "das Meer\nSchiffe\n");
        var job = Job(new SequenceToSequenceTask(), DataFormat.Parallel, TokenKind.Word) with { Source = In("a.en"), TargetSource = In("a.de"), TargetTokens = TokenKind.Word };
        var data = await LoadAsync(job);

        data.Encoding.Inputs!.Decode(data.Training[0].Tokens).ShouldBe("the sea");
        data.Encoding.Targets!.Decode(data.Training[0].Classes).ShouldBe("das Meer");

        Write("a.de", "das Meer\n");
        (await RefusalAsync(job)).ShouldBe($"{In("a.en")}:2: has no line beside it in {In("a.de")}, expected as many lines in both");
        Write("a.de", "das Meer\nSchiffe\nmehr\n");
        (await RefusalAsync(job)).ShouldBe($"{In("a.de")}:3: has no line beside it in {In("a.en")}, expected as many lines in both");
    }

    [Fact]
    public async Task Files_are_of_the_class_of_their_folder()
    {
        Write("ham/1.txt", "good\nnews");
        Write("spam/1.txt", "buy");
        File.WriteAllBytes(In("spam/2.txt"), [(byte)'b', 0xe9]);
        Write("map.tsv", "ham\tGood\nspam\tBad\n");
        var job = Job(new ClassifierTask(), DataFormat.Folders, TokenKind.Character) with { Source = In("*/*.txt"), TargetMap = In("map.tsv") };
        var data = await LoadAsync(job with { Encoding = TextEncoding.Latin1 });

        data.Training.Count.ShouldBe(3);
        Enumerable.Range(0, 3).Select(index => data.Encoding.Classes![data.Training[index].Classes[0]]).ShouldBe(["Good", "Bad", "Bad"]);
        data.Encoding.Inputs!.Decode(data.Training[2].Tokens).ShouldBe("bé");
        (await RefusalAsync(job)).ShouldBe($"{In("spam/2.txt")}: is not UTF-8, expected UTF-8 text (or data.encoding: latin-1)");
        (await LoadAsync(job with { OnBadRow = MalformedRows.Skip })).Training.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Rows_of_a_test_file_are_all_for_the_test_and_in_no_vocabulary()
    {
        Write("a.tsv", "in\tout\na b\tx\nc\ty\n");
        Write("t.tsv", "in\tout\nd a\tx\n");
        var data = await LoadAsync(Job(new ClassifierTask(), DataFormat.Tsv, TokenKind.Word) with { Source = In("a.tsv"), TestSource = In("t.tsv"), Input = "in", Target = "out" });

        (data.Training.Count, data.Test!.Count).ShouldBe((2, 1));
        data.Test[0].Tokens.ShouldBe([0, 1]);
    }

    [Fact]
    public async Task Images_are_sequences_of_their_lines()
    {
        WriteIdx("i.gz", [2, 3, 2], [0, 255, 51, 0, 0, 102, 1, 2, 3, 4, 5, 6]);
        WriteIdx("l.gz", [2], [7, 3]);
        WriteIdx("ti.gz", [1, 3, 2], [9, 9, 9, 9, 9, 9]);
        WriteIdx("tl.gz", [1], [7]);
        Write("map.tsv", "3\tcoat\n7\tbag\n");
        var data = await LoadAsync(Images() with { TargetMap = In("map.tsv"), TestSource = In("ti.gz"), TestTargetSource = In("tl.gz") });

        (data.Training.Count, data.Test!.Count, data.Training.Features).ShouldBe((2, 1, 2));
        data.Training[0].Steps.ShouldBe(3);
        data.Training[0].Features.ShouldBe([0, 1, 0.2f, 0, 0, 0.4f]);
        Enumerable.Range(0, 2).Select(index => data.Encoding.Classes![data.Training[index].Classes[0]]).ShouldBe(["bag", "coat"]);
        data.Encoding.Classes![data.Test[0].Classes[0]].ShouldBe("bag");
        data.TrainingExtent.ShouldBe(new DataExtent(6, 2));
    }

    [Fact]
    public async Task Images_are_held_out_by_a_hash_of_their_points()
    {
        WriteIdx("i.gz", [100, 1, 2], [.. Enumerable.Range(0, 200).Select(at => (byte)(at / 4))]);
        WriteIdx("l.gz", [100], new byte[100]);
        var data = await LoadAsync(Images() with { Validation = 0.3 });

        // Each image is there twice.
        var held = Enumerable.Range(0, data.Validation!.Count).Select(index => data.Validation[index].Features[0]).ToList();
        held.Count.ShouldBe(2 * held.Distinct().Count());
        held.Count.ShouldBeInRange(16, 44);
    }

    [Theory]
    [InlineData(new byte[] { 1, 2, 3, 4 }, "does not begin with two zero bytes, expected a file in the IDX format")]
    [InlineData(new byte[] { 0, 0 }, "does not begin with two zero bytes, expected a file in the IDX format")]
    [InlineData(new byte[] { 0, 0, 13, 1 }, "holds numbers of type 0x0D, expected bytes (0x08)")]
    [InlineData(new byte[] { 0, 0, 8, 0 }, "has 0 dimensions, expected 1 to 8")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0 }, "ends within its head, expected a file in the IDX format")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 2, 1 }, "has 1 numbers behind its head, expected 2 = 2")]
    [InlineData(new byte[] { 0, 0, 8, 2, 127, 255, 255, 255, 127, 255, 255, 255 }, "says that its dimension 2 is 2147483647, expected at least 1, and at most 2147483591 numbers in an item")]
    [InlineData(new byte[] { 0, 0, 8, 1, 255, 255, 255, 255 }, "says that its dimension 1 is -1, expected at least 1, and at most 2147483591 numbers in an item")]
    public async Task A_file_that_is_no_image_file_is_refused(byte[] bytes, string message)
    {
        await File.WriteAllBytesAsync(In("i"), bytes, TestContext.Current.CancellationToken);
        WriteIdx("l.gz", [1], [0]);

        (await RefusalAsync(Images() with { Source = In("i") })).ShouldBe($"{In("i")}: {message}");
    }

    [Fact]
    public async Task Labels_that_are_not_those_of_the_images_are_refused()
    {
        WriteIdx("i.gz", [2, 3, 2], new byte[12]);
        WriteIdx("l.gz", [3], new byte[3]);
        (await RefusalAsync(Images())).ShouldBe($"{In("l.gz")}: has 3 labels for the 2 images of {In("i.gz")}, expected one for each");
        WriteIdx("l.gz", [2], new byte[2]);
        (await RefusalAsync(Images() with { Features = 5 })).ShouldBe($"{In("i.gz")}: has images of 3 x 2 = 6 numbers, expected a multiple of data.features 5");
        await File.WriteAllBytesAsync(In("l.gz"), [1, 2, 3], TestContext.Current.CancellationToken);
        (await RefusalAsync(Images())).ShouldStartWith($"{In("l.gz")}: the data cannot be read: ");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static DataOptions Job(TaskOptions task, DataFormat format, TokenKind tokens) =>
        SampleJobs.Of(task, tokens).Data with { Format = format, Input = null, Target = null };

    DataOptions Images() => Job(new ClassifierTask(), DataFormat.Idx, TokenKind.Numbers) with { Source = In("i.gz"), TargetSource = In("l.gz"), Features = 2 };

    static string Classes(SampleData data) => string.Join(' ', data.Training[0].Classes.Select(id => data.Encoding.Classes![id]));

    string In(string name) => Path.Combine(_folder, name);

    void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(name))!);
        File.WriteAllText(In(name), text, new UTF8Encoding(false));
    }

    void WriteIdx(string name, int[] extents, byte[] numbers) => IdxFiles.Write(In(name), extents, numbers);

    static TaskOptions TaskOf(DataFormat format) => format switch
    {
        DataFormat.Tagged => new TaggerTask(),
        DataFormat.Dictionary or DataFormat.Parallel => new SequenceToSequenceTask(),
        _ => new ClassifierTask(),
    };

    static async Task<SampleData> LoadAsync(DataOptions data, string? text = null)
    {
        if (text is not null) await File.WriteAllTextAsync(data.Source, text, TestContext.Current.CancellationToken);
        var job = SampleJobs.Of(TaskOf(data.Format!.Value), length: 20) with { Data = data };
        return await SampleData.LoadAsync(job, new FetchOptions(), cancellation: TestContext.Current.CancellationToken);
    }

    static async Task<string> RefusalAsync(DataOptions data) => (await Should.ThrowAsync<UserErrorException>(() => LoadAsync(data))).Message;
}
