using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

/// <summary>Whoever wants no data any more does not wait until they are read.</summary>
public sealed class InterruptionTests : IDisposable
{
    static readonly CancellationToken s_cancelled = new(canceled: true);

    readonly string _folder = Directory.CreateTempSubdirectory("lstm-cluster-test-").FullName;

    public static TheoryData<TokenKind> Kinds => [TokenKind.Byte, TokenKind.Character, TokenKind.Word, TokenKind.Subword];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Reading_a_text_is_given_up(TokenKind kind)
    {
        var job = Text(kind);

        (await JobData.LoadAsync(job, new FetchOptions(), cancellation: TestContext.Current.CancellationToken)).TrainingExtent.Tokens.ShouldBeGreaterThan(8);
        await Should.ThrowAsync<OperationCanceledException>(() => JobData.LoadAsync(job, new FetchOptions(), cancellation: s_cancelled));
        await Should.ThrowAsync<OperationCanceledException>(() => JobData.LoadAsync(job.With(data => data with { Split = SplitKind.Hash }), new FetchOptions(), cancellation: s_cancelled));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Encoding_a_large_text_is_given_up_and_leaves_nothing(TokenKind kind)
    {
        var (fetching, job) = (new FetchOptions { CacheDirectory = Path.Combine(_folder, "cache"), LargestTextInMemory = 0 }, Text(kind));
        using var source = new CancellationTokenSource();

        await Should.ThrowAsync<OperationCanceledException>(() => JobData.LoadAsync(job, fetching, told =>
        {
            if (told.StartsWith("encoding ", StringComparison.Ordinal)) source.Cancel();
        }, source.Token));

        source.IsCancellationRequested.ShouldBeTrue("it had begun");
        Directory.EnumerateFileSystemEntries(Path.Combine(_folder, "cache", "tokens")).ShouldBeEmpty();
    }

    [Fact]
    public void Finding_byte_pairs_is_given_up()
    {
        using var source = new CancellationTokenSource();

        Should.Throw<OperationCanceledException>(() => SubwordTraining.Train(Pieces(), 1000, source.Token));

        IEnumerable<KeyValuePair<string, int>> Pieces()
        {
            yield return new("words", 5);
            yield return new("wonder", 7);
            // All have come, so that only finding the pairs is left.
            source.Cancel();
        }
    }

    [Fact]
    public void Blocks_of_numbers_are_not_gone_through_to_the_end()
    {
        using var source = new CancellationTokenSource();
        using var spool = new IdSpool(null);
        for (var id = 0; id < 100_000; id++) spool.Add(id);

        Should.Throw<OperationCanceledException>(() =>
        {
            foreach (var block in spool.Blocks(source.Token)) source.Cancel();
        });
        Should.Throw<OperationCanceledException>(() => spool.Counts(100_000, 100_000, s_cancelled));
    }

    [Fact]
    public void A_table_that_was_read_is_not_sorted_fitted_and_encoded_to_the_end()
    {
        var bad = new BadRows(MalformedRows.Fail);
        var rows = SampleJobs.Of(new ClassifierTask(), length: 3);
        var job = rows with { Task = new ForecasterTask { Context = 1, Horizon = 1 }, Data = new DataOptions { Source = "t.csv", Format = DataFormat.Csv, Columns = [new NumericColumnOptions { Name = "y", Role = ColumnRole.Target }], Split = SplitKind.Order, Validation = 0 } };
        var table = TableReader.Read(new StringReader("t,y\na,1\na,2\na,3\n"), "t.csv", job, bad, SpoolPlace.Memory);

        WindowReader.Cut(table, job, "t.csv", bad, SpoolPlace.Memory).Training.Count.ShouldBe(2);
        Should.Throw<OperationCanceledException>(() => WindowReader.Cut(table, job, "t.csv", bad, SpoolPlace.Memory, s_cancelled));
    }

    [Fact]
    public async Task Reading_rows_and_tables_is_given_up()
    {
        var path = Path.Combine(_folder, "rows.tsv");
        await File.WriteAllTextAsync(path, "in\tout\n" + string.Concat(Enumerable.Range(0, 40).Select(row => $"{row}\t{row % 2}\n")), TestContext.Current.CancellationToken);
        var rows = SampleJobs.Of(new ClassifierTask(), length: 3).With(data => data with { Source = path });
        var table = rows with { Task = new ForecasterTask { Context = 1, Horizon = 1 }, Data = new DataOptions { Source = path, Format = DataFormat.Tsv, Columns = [new NumericColumnOptions { Name = "in", Role = ColumnRole.Target }], Split = SplitKind.Order, Validation = 0 } };

        foreach (var job in new[] { rows, rows.With(data => data with { TestSource = path }), table })
        {
            (await JobData.LoadAsync(job, new FetchOptions(), cancellation: TestContext.Current.CancellationToken)).TrainingExtent.Rows.ShouldNotBeNull().ShouldBeGreaterThan(30);
            await Should.ThrowAsync<OperationCanceledException>(() => JobData.LoadAsync(job, new FetchOptions(), cancellation: s_cancelled));
        }

        using var source = new CancellationTokenSource();
        using var read = RowSource.Read([path], null, rows.Data, new BadRows(null), source.Token).GetEnumerator();
        read.MoveNext().ShouldBeTrue();
        await source.CancelAsync();
        Should.Throw<OperationCanceledException>(() => read.MoveNext());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    Job Text(TokenKind kind)
    {
        var path = Path.Combine(_folder, "text.txt");
        File.WriteAllText(path, string.Concat(Enumerable.Range(0, 200).Select(number => $"some words {number}\n")));
        return new Job
        {
            Name = "x",
            Task = new LanguageModelTask(),
            Data = new DataOptions { Source = path, Tokens = kind, Vocabulary = kind == TokenKind.Subword ? 300 : null, Validation = 0 },
            Model = new ModelOptions { Layers = [new LstmLayerOptions { Units = 1 }] },
            Training = new TrainingOptions { Batch = 2, Length = 3, Shards = 1, Steps = 1 },
        };
    }
}
