using System.Globalization;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

/// <summary>Tables that are not held in memory are those that are.</summary>
public sealed class TableSpoolTests : IDisposable
{
    const int Rows = 6000;

    readonly string _folder = Directory.CreateTempSubdirectory("lstm-cluster-test-").FullName;

    /// <summary>Whether rows of different series take turns in the file, the split, and what windows are counted from.</summary>
    public static TheoryData<bool, SplitKind, WindowBase> Tables => new()
    {
        { false, SplitKind.Order, WindowBase.None },
        { true, SplitKind.Order, WindowBase.Season },
        { true, SplitKind.Hash, WindowBase.Last },
        { false, SplitKind.Hash, WindowBase.Mean },
    };

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task Rows_in_files_are_those_in_memory(bool areMixed, SplitKind split, WindowBase relativeTo)
    {
        var job = Job(areMixed, split, relativeTo);
        var expected = await LoadAsync(job, long.MaxValue);
        Directory.Exists(Path.Combine(_folder, "spool")).ShouldBeFalse("all is in memory");
        expected.Windows!.Table.Series.Select(series => series.Count).Sum().ShouldBe(Rows);

        // None, the rows but not what they become, and some of the rows before it is clear that they are too many.
        foreach (var mostInMemory in new[] { 0, 600_000, 100_000 })
        {
            var spooled = await LoadAsync(job, mostInMemory);
            Directory.EnumerateFileSystemEntries(Path.Combine(_folder, "spool")).ShouldBeEmpty("the files have no names");
            spooled.RowsSha256.ShouldBe(expected.RowsSha256);
            spooled.Encoding.ToMetadata().ShouldBe(expected.Encoding.ToMetadata());
            spooled.Windows!.Table.Series.ShouldBe(expected.Windows.Table.Series);
            for (var row = 0; row < Rows; row += 7)
                (spooled.Windows.Table.LineOf(row), spooled.Windows.Table.IsLabelled(row)).ShouldBe((expected.Windows.Table.LineOf(row), expected.Windows.Table.IsLabelled(row)));
            foreach (var (set, other) in new[] { (spooled.Training, expected.Training), (spooled.Validation!, expected.Validation!), (spooled.Test!, expected.Test!) })
            {
                (set.Count, set.Extent).ShouldBe((other.Count, other.Extent));
                Parallel.For(0, set.Count, index =>
                {
                    set[index].FirstRow.ShouldBe(other[index].FirstRow);
                    set[index].Features.AsSpan().SequenceEqual(other[index].Features).ShouldBeTrue();
                    set[index].Values.AsSpan().SequenceEqual(other[index].Values).ShouldBeTrue();
                    set[index].Bases.AsSpan().SequenceEqual(other[index].Bases).ShouldBeTrue();
                });
            }
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    Task<SampleData> LoadAsync(Job job, long mostInMemory) => SampleData.LoadWindowsAsync(
        job, new FetchOptions { CacheDirectory = _folder, LargestRowsInMemory = mostInMemory }, progress: null, TestContext.Current.CancellationToken);

    /// <summary>A job over a table with every kind of column, of which some cells are missing.</summary>
    Job Job(bool areMixed, SplitKind split, WindowBase relativeTo)
    {
        var file = Path.Combine(_folder, "table.csv");
        File.WriteAllText(file, "place,day,y,wind,sky,bad\n" + string.Concat(Enumerable.Range(0, Rows).Select(row => string.Create(
            CultureInfo.InvariantCulture,
            $"place {(areMixed ? row * row % 11 : row / 600)},{new DateTime(1990, 1, 1).AddDays(row):yyyy-MM-dd},{(row % 13 < 2 ? "" : $"{row % 101 * 0.37}")},{row * 7 % 19},{(row % 5 == 0 ? "sun" : $"rain {row / 2000}")},{(row % 50 == 0 ? 1 : 0)}\n"))));
        var job = SampleJobs.Of(new AnomalyTask { Context = 6, Horizon = 2, Season = 3, RelativeTo = relativeTo, Label = "bad" });
        return job with
        {
            Data = new DataOptions
            {
                Source = file,
                Format = DataFormat.Csv,
                Series = "place",
                Split = split,
                Validation = 0.2,
                Test = 0.2,
                Columns =
                [
                    new NumericColumnOptions { Name = "y", Role = ColumnRole.Target, Missing = MissingNumbers.Previous },
                    new CategoricalColumnOptions { Name = "sky", Role = ColumnRole.Past },
                    new DateColumnOptions { Name = "day", Features = [CalendarFeature.Weekday, CalendarFeature.Trend], Format = "yyyy-MM-dd" },
                    new NumericColumnOptions { Name = "wind", Role = ColumnRole.Target },
                ],
            },
        };
    }
}
