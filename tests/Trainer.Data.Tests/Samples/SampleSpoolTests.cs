using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

/// <summary>Rows that are not held in memory are those that are.</summary>
public sealed class SampleSpoolTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("lstm-cluster-test-").FullName;

    public static TheoryData<string, SplitKind> Tasks
    {
        get
        {
            var all = new TheoryData<string, SplitKind>();
            foreach (var task in (string[])["classifier", "tagger", "speller", "regressor", "steps", "bytes", "seq2seq", "parallel", "folders"])
                foreach (var split in Enum.GetValues<SplitKind>())
                    all.Add(task, split);
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public async Task Rows_in_files_are_those_in_memory(string task, SplitKind split)
    {
        var job = Job(task).With(data => data with { Split = split, Validation = 0.2, Test = 0.1 });
        var expected = await LoadAsync(job, mostInMemory: long.MaxValue);
        Directory.Exists(In("spool")).ShouldBeFalse("all is in memory");

        // None, and some of them before it is clear that they are too many.
        foreach (var mostInMemory in new[] { 0, 5000 })
        {
            var spooled = await LoadAsync(job, mostInMemory);
            Directory.EnumerateFileSystemEntries(In("spool")).ShouldBeEmpty("the files have no names, so that nothing is left of a process that is killed");
            spooled.Encoding.ToMetadata().ShouldBe(expected.Encoding.ToMetadata());
            spooled.RowsSha256.ShouldBe(expected.RowsSha256);
            ShouldBeSame(spooled.Training, expected.Training);
            ShouldBeSame(spooled.Validation!, expected.Validation!);
            ShouldBeSame(spooled.Test!, expected.Test!);
        }
    }

    [Theory]
    [InlineData(SplitKind.Hash)]
    [InlineData(SplitKind.Order)]
    public async Task Rows_of_a_test_source_come_behind_those_that_are_held_out(SplitKind split)
    {
        var job = Job("classifier").With(data => data with { Split = split, Validation = 0.2, TestSource = In("more.tsv") });
        File.WriteAllText(In("more.tsv"), "in\tout\nwhale new\tnews\n" + string.Concat(Enumerable.Range(0, 9).Select(row => $"sea {row}\tr1\n")));
        var expected = await LoadAsync(job, long.MaxValue);

        expected.Test!.Count.ShouldBe(10);
        foreach (var mostInMemory in new[] { 0, 5000 }) ShouldBeSame((await LoadAsync(job, mostInMemory)).Test!, expected.Test);
    }

    [Fact]
    public async Task Any_number_of_threads_may_read_rows_from_files()
    {
        var expected = (await LoadAsync(Job("speller"), long.MaxValue)).Training;
        var spooled = (await LoadAsync(Job("speller"), 0)).Training;

        Parallel.For(0, 20 * expected.Count, index => ShouldBeSame(spooled[index * 7 % expected.Count], expected[index * 7 % expected.Count]));
    }

    [Fact]
    public void A_sample_comes_back_from_its_bytes_as_it_was()
    {
        // Ids are not negative, but for the class of a step that has none.
        var id = Gen.OneOf(Gen.Elements(-1, 0, 126, 127, 128, 1 << 14, int.MaxValue), Gen.Choose(0, int.MaxValue));
        var number = Gen.Elements(0f, -0f, 1.5f, float.NaN, float.MaxValue, float.Epsilon);
        var samples =
            from tokens in Gen.ArrayOf(id)
            from features in Gen.ArrayOf(number)
            from classes in Gen.ArrayOf(id)
            from values in Gen.ArrayOf(number)
            from steps in Gen.Choose(1, int.MaxValue)
            select new Sample { Steps = steps, Tokens = tokens, Features = features, Classes = classes, Values = values, Group = new UInt128((ulong)steps << 32, (ulong)tokens.Length) };

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(samples.ToArbitrary(), sample =>
        {
            var bytes = new ArrayBufferWriter<byte>();
            SampleCodec.Write(sample, bytes);
            ShouldBeSame(SampleCodec.Read(bytes.WrittenSpan), sample);
        }));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static void ShouldBeSame(SampleSet spooled, SampleSet expected)
    {
        (spooled.Count, spooled.Extent).ShouldBe((expected.Count, expected.Extent));
        new EpochOrder(3, spooled).Of(1).ToArray().ShouldBe(new EpochOrder(3, expected).Of(1).ToArray());
        for (var index = 0; index < expected.Count; index++)
        {
            ShouldBeSame(spooled[index], expected[index]);
            spooled.AlternativesOf(index).ShouldBe(expected.AlternativesOf(index));
        }
    }

    static void ShouldBeSame(Sample spooled, Sample expected)
    {
        spooled.Steps.ShouldBe(expected.Steps);
        spooled.Tokens.ShouldBe(expected.Tokens);
        spooled.Features.ShouldBe(expected.Features);
        spooled.Classes.ShouldBe(expected.Classes);
        spooled.Values.ShouldBe(expected.Values);
        spooled.Group.ShouldBe(expected.Group);
        spooled.Characters.Length.ShouldBe(expected.Characters.Length);
        foreach (var (word, other) in spooled.Characters.Zip(expected.Characters)) word.ShouldBe(other);
    }

    Task<SampleData> LoadAsync(Job job, long mostInMemory) => SampleData.LoadAsync(
        job, new FetchOptions { CacheDirectory = _folder, LargestRowsInMemory = mostInMemory }, cancellation: TestContext.Current.CancellationToken);

    string In(string name) => Path.Combine(_folder, name);

    /// <summary>A job of a task, with its data.</summary>
    Job Job(string task)
    {
        var (options, tokens) = ((TaskOptions)(task switch
        {
            "tagger" or "speller" => new TaggerTask(),
            "regressor" => new RegressorTask { Outputs = 2 },
            "steps" => new RegressorTask { Outputs = 1, Answers = RegressorAnswers.Step },
            "seq2seq" or "parallel" => new SequenceToSequenceTask(),
            _ => new ClassifierTask(),
        }), task switch
        {
            "regressor" or "steps" => TokenKind.Numbers,
            "bytes" => TokenKind.Byte,
            "seq2seq" => TokenKind.Character,
            _ => TokenKind.Word,
        });
        var job = SampleJobs.Of(options, tokens, length: 16).With(data => data with { Source = In("rows.tsv"), Longer = LongerRows.Cut, Bucketing = 2, Vocabulary = tokens == TokenKind.Word ? 6 : null });
        if (task == "speller") job = job with { Model = job.Model with { Characters = new CharacterOptions { Embedding = 2, Units = 2, Length = 4 } } };
        return task switch
        {
            "tagger" or "speller" => Written("rows.tsv", row => string.Join(' ', Words(row).Select(word => $"{word}/{word.Length}")), data => data with { Format = DataFormat.Tagged }),
            "regressor" => Written("rows.tsv", row => $"{string.Join(' ', Enumerable.Range(1, 2 * (1 + (row % 4))).Select(at => at * 0.5 - row))}\t{row} 0.25", head: true),
            "steps" => Written("rows.tsv", row => $"{string.Join(' ', Enumerable.Range(row, 2 * (1 + (row % 4))))}\t{string.Join(' ', Enumerable.Range(0, 1 + (row % 4)).Select(at => at == 1 ? "-" : $"{row}"))}", head: true),
            "bytes" => Written("rows.tsv", row => $"é{row}{string.Join(' ', Words(row))}\tr{row % 3}", head: true),
            "seq2seq" => Written("rows.tsv", row => $"{Words(row / 2).First()}{row / 2 % 9}(1)  {string.Join(' ', Words(row))}", data => data with { Format = DataFormat.Dictionary, TargetTokens = TokenKind.Word }),
            "parallel" => Parallel(),
            "folders" => Folders(),
            _ => Written("rows.tsv", row => $"{string.Join(' ', Words(row))}\tr{row % 3}", head: true),
        };

        Job Written(string name, Func<int, string> line, Func<DataOptions, DataOptions>? change = null, bool head = false)
        {
            File.WriteAllText(In(name), (head ? "in\tout\n" : "") + string.Concat(Enumerable.Range(0, 120).Select(row => line(row) + "\n")));
            return change is null ? job : job.With(change);
        }

        Job Parallel()
        {
            Written("targets.txt", row => string.Join(' ', Words(row + 1)));
            return Written("rows.tsv", row => string.Join(' ', Words(row / 2)), data => data with { Format = DataFormat.Parallel, TargetSource = In("targets.txt") });
        }

        Job Folders()
        {
            for (var row = 0; row < 60; row++)
                File.WriteAllText(Path.Combine(Directory.CreateDirectory(In($"texts/c{row % 3}")).FullName, $"{row}.txt"), string.Join('\n', Words(row)));
            return job.With(data => data with { Format = DataFormat.Folders, Source = In("texts/*/*.txt") });
        }
    }

    /// <summary>Words of which there are more the later the row, so that some are known to nobody who was trained on the first ones.</summary>
    static IEnumerable<string> Words(int row) => Enumerable.Range(0, 2 + (row * 5 % 6)).Select(word => $"{(char)('a' + (((row * 3) + (word * word)) % 7))}{new string('x', word % 3)}{(word == 1 ? row / 40 : 0)}");
}
