using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

/// <summary>Windows of a table.</summary>
public class TableTests
{
    static readonly Job s_job = Of(new ForecasterTask { Context = 2, Horizon = 1 }, new NumericColumnOptions { Name = "y", Role = ColumnRole.Target, Standardize = false });

    static Job Of(WindowTask task, params ColumnOptions[] columns) => new()
    {
        Name = "x",
        Task = task,
        Data = new DataOptions { Source = "t.csv", Format = DataFormat.Csv, Columns = [.. columns], Split = SplitKind.Order, Validation = 0, Tokens = TokenKind.Numbers },
        Model = new ModelOptions { Layers = [new LstmLayerOptions { Units = 1 }] },
        Training = new TrainingOptions { Batch = 4, Length = 8, Shards = 1, Steps = 1 },
    };

    static SampleData Read(Job job, string text) => SampleData.ReadWindows(new StringReader(text), job, "t.csv");

    static string Refusal(Job job, string text) => Should.Throw<UserErrorException>(() => Read(job, text)).Message;

    static string Rows(int count, Func<int, string> row) => string.Concat(Enumerable.Range(0, count).Select(index => row(index) + "\n"));

    [Fact]
    public void A_window_reads_its_context_and_tells_its_horizon()
    {
        var data = Read(s_job, "t,y\n" + Rows(5, row => $"a,{row + 1}"));

        data.Training.Count.ShouldBe(3);
        (data.Training.Features, data.Training.Outputs, data.Training.Targets).ShouldBe((2, 1, SampleTargets.ValuesOfEachStep));
        // Of the row that is told only the mark is read.
        data.Training[1].Features.ShouldBe([2, 0, 3, 0, 0, 1]);
        data.Training[1].Values.ShouldBe([float.NaN, float.NaN, 4]);
        data.Training[1].FirstRow.ShouldBe(1);
        var batch = new SampleBatch(data.Training, [2, 0]);
        var values = new float[6];
        batch.FillValues(new BatchRows(0, 2), values);
        (batch.Steps, batch.TargetSteps, batch.IsRagged).ShouldBe((3, 3, false));
        values.ShouldBe([float.NaN, float.NaN, float.NaN, float.NaN, 5, 3]);
    }

    [Theory]
    [InlineData(WindowBase.None, 2f, 6f, 7f)]
    [InlineData(WindowBase.Last, -4f, 0f, 1f)]
    [InlineData(WindowBase.Mean, -2f, 2f, 3f)]
    public void Numbers_of_a_window_are_counted_from_its_base(WindowBase relative, float first, float second, float told)
    {
        var sample = Read(s_job with { Task = new ForecasterTask { Context = 2, Horizon = 1, RelativeTo = relative } }, "y\n2\n6\n7\n").Training[0];

        sample.Features.ShouldBe([first, 0, second, 0, 0, 1]);
        sample.Values[2].ShouldBe(told);
        (sample.Values[2] + sample.Bases[2]).ShouldBe(7);
    }

    [Fact]
    public void A_base_by_season_is_the_mean_of_the_rows_at_the_same_place_of_it()
    {
        // Seasons of 3 rows, the context begins within one: 1 and 5, 20, 300; of the last one a number is missing.
        var job = Of(new ForecasterTask { Context = 5, Horizon = 4, RelativeTo = WindowBase.Season, Season = 3 }, new NumericColumnOptions { Name = "y", Role = ColumnRole.Target, Standardize = false, Missing = MissingNumbers.Previous });
        var sample = Read(job, "y\n1\n20\n300\n5\nNA\n301\n4\n21\n302\n").Training[0];

        sample.Bases.ShouldBe([3, 20, 300, 3, 20, 300, 3, 20, 300]);
        sample.Values.Skip(5).ShouldBe([1, 1, 1, 2]);
        Enumerable.Range(0, 4).Select(step => sample.Features[step * 3]).ShouldBe([-2, 0, 0, 2]);
    }

    [Fact]
    public void What_is_held_out_changes_nothing_that_is_learned_of_the_columns()
    {
        var job = Of(new ForecasterTask { Context = 1, Horizon = 1 }, new NumericColumnOptions { Name = "y", Role = ColumnRole.Target }, new CategoricalColumnOptions { Name = "c" });
        job = job.With(data => data with { Validation = 0.2, Test = 0.2 });
        string Text(int held, string word) => "y,c\n" + Rows(10, row => row < 6 ? $"{row * 2},{(row % 2 == 0 ? "b" : "a")}" : $"{held},{word}");

        var (one, other) = (Read(job, Text(7, "a")), Read(job, Text(1000, "new")));

        other.Encoding.IsSameAs(one.Encoding).ShouldBeTrue();
        var column = one.Encoding.Table!.Columns[0];
        (column.Mean, column.Scale).ShouldBe((5, Math.Sqrt(70.0 / 6)));
        one.Encoding.Table.Columns[1].Categories.ShouldBe(["a", "b"]);
        one.Training.Count.ShouldBe(5);
        (one.Validation!.Count, one.Test!.Count).ShouldBe((2, 2));
        // A word that was not trained on has no feature of its own.
        other.Test![1].Features.ShouldBe([other.Windows!.Features(8, 1)[0], 0, 0, 0, 0, 0, 0, 1]);
        column.Decode(column.Encode(8)).ShouldBe(8, 1e-5);
        DataEncoding.Parse(one.Encoding.ToMetadata(), job).IsSameAs(one.Encoding).ShouldBeTrue();
    }

    [Fact]
    public void A_window_that_would_tell_rows_of_two_parts_is_of_neither()
    {
        var job = s_job.With(data => data with { Validation = 0.5 }) with { Task = new ForecasterTask { Context = 1, Horizon = 2 } };
        var data = Read(job, "y\n" + Rows(8, row => $"{row}"));

        data.Training.Count.ShouldBe(2);
        data.Validation!.Count.ShouldBe(3);
        data.Validation[0].Values.ShouldBe([float.NaN, 4, 5]);
    }

    [Fact]
    public void No_window_crosses_from_one_series_to_another_however_their_rows_are_mixed()
    {
        var job = s_job.With(data => data with { Series = "s" });
        var data = Read(job, "s,y\n" + Rows(8, row => $"{(row % 2 == 0 ? "even" : "odd")},{row}"));

        data.Windows!.Table.Series.ShouldBe([new TableSeries("even", 0, 4), new TableSeries("odd", 4, 4)]);
        Enumerable.Range(0, data.Training.Count).Select(index => data.Training[index].Values[2]).ShouldBe([4f, 6, 5, 7]);
        Enumerable.Range(0, 8).Select(data.Windows.Table.LineOf).ShouldBe([2, 4, 6, 8, 3, 5, 7, 9]);
        Enumerable.Range(0, 8).Select(data.Windows.Table.SeriesOf).ShouldBe([0, 0, 0, 0, 1, 1, 1, 1]);
        foreach (var none in new[] { -1, 8 }) Should.Throw<ArgumentOutOfRangeException>(() => data.Windows.Table.SeriesOf(none));
    }

    [Fact]
    public void Whole_series_are_held_out_by_a_hash_of_their_names()
    {
        var job = s_job.With(data => data with { Series = "s", Split = SplitKind.Hash, Validation = 0.5 });
        var data = Read(job, "s,y\n" + Rows(60, row => $"series {row / 3},{row}"));

        var sides = new[] { data.Training, data.Validation! }.Select(set => Enumerable.Range(0, set.Count).Select(index => set[index].FirstRow / 3).ToHashSet()).ToList();
        sides[0].Overlaps(sides[1]).ShouldBeFalse();
        (sides[0].Count + sides[1].Count).ShouldBe(20);
    }

    [Fact]
    public void A_stride_leaves_windows_out()
    {
        var job = s_job with { Task = new ForecasterTask { Context = 2, Horizon = 1, Stride = 3 } };

        Read(job, "y\n" + Rows(9, row => $"{row}")).Training.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(MissingNumbers.Mean, 20f / 3)]
    [InlineData(MissingNumbers.Previous, 5f)]
    public void A_missing_number_is_marked_and_never_told(MissingNumbers missing, float instead)
    {
        var job = Of(new ForecasterTask { Context = 2, Horizon = 1 }, new NumericColumnOptions { Name = "y", Role = ColumnRole.Target, Missing = missing, Standardize = false });
        var data = Read(job, "y\n5\nNA\n7\n8\n?\n");

        // The last window would tell a number that is missing, so that it is none.
        data.Training.Count.ShouldBe(2);
        data.Training[0].Features.ShouldBe([5, 0, 0, instead, 1, 0, 0, 0, 1]);
    }

    [Theory]
    [InlineData(MissingNumbers.Mean)]
    [InlineData(MissingNumbers.Previous)]
    public void Where_nothing_stands_before_a_missing_number_the_mean_does_in_the_units_of_the_model(MissingNumbers missing)
    {
        foreach (var standardize in new[] { false, true })
        {
            var column = new NumericColumnOptions { Name = "y", Role = ColumnRole.Target, Missing = missing, Standardize = standardize };
            var data = Read(Of(new ForecasterTask { Context = 2, Horizon = 1 }, column), "y\nNA\n6\n10\n");

            data.Training[0].Features[..2].ShouldBe([standardize ? 0 : 8, 1]);

            // What a window's numbers are counted from is the mean too where its context has none.
            var relative = Read(Of(new ForecasterTask { Context = 1, Horizon = 1, RelativeTo = WindowBase.Last }, column), "y\nNA\n6\n10\n");
            relative.Training[0].Bases.ShouldBe(standardize ? [0f, 0] : [8f, 8]);
            relative.Training[0].Values[1].ShouldBe(standardize ? -1 : -2);

            TableEncoding.Parse(data.Encoding.Table!.Serialize()).ShouldBe(data.Encoding.Table);
        }
    }

    [Fact]
    public void What_was_kept_before_the_mean_was_told_apart_is_read_as_it_was_trained_and_other_columns_are_kept_as_before()
    {
        const string kept = """[{"Name":"y","Width":2,"IsTarget":true,"Mean":0,"Scale":1,"Categories":null,"FirstDay":null}]""";
        var column = TableEncoding.Parse(kept).Columns.Single();
        (column.Missing, column.Average).ShouldBe((0f, null));

        var standardised = new NumericColumnOptions { Name = "y", Role = ColumnRole.Target, Missing = MissingNumbers.Mean };
        var never = standardised with { Missing = MissingNumbers.Fail, Standardize = false };
        foreach (var options in new[] { standardised, never })
            Read(Of(new ForecasterTask { Context = 2, Horizon = 1 }, options), "y\n4\n6\n11\n").Encoding.Table!.Serialize().ShouldNotContain("Average");
    }

    [Fact]
    public void Dates_become_features_of_the_calendar_known_for_the_future_too()
    {
        var date = new DateColumnOptions { Name = "when", Parts = ["y", "m", "d"], Features = [CalendarFeature.Weekday, CalendarFeature.Yearday, CalendarFeature.UsHolidays, CalendarFeature.Trend] };
        var job = Of(new ForecasterTask { Context = 1, Horizon = 1 }, new NumericColumnOptions { Name = "n", Role = ColumnRole.Target }, date);
        var data = Read(job, "y,m,d,n\n1984,7,3,1\n1984,7,4,2\n1984,7,5,3\n");

        var told = data.Training[0].Features.AsSpan(49);
        data.Training.Features.ShouldBe(1 + 7 + 6 + 33 + 1 + 1);
        told[0].ShouldBe(0, "what is told is not read");
        told[1 + (int)DayOfWeek.Wednesday].ShouldBe(1);
        ((double)told[8]).ShouldBe(Math.Sin(2 * Math.PI * 185 / 366), 1e-6);
        ((double)told[9]).ShouldBe(Math.Cos(2 * Math.PI * 185 / 366), 1e-6);
        ((double)told[12]).ShouldBe(Math.Sin(3 * 2 * Math.PI * 185 / 366), 1e-6);
        told[14 + 11 + 5].ShouldBe(1, "the fourth of July");
        ((double)told[47]).ShouldBe(1 / 365.25 / 10, 1e-7);
        told[48].ShouldBe(1);
        data.Training[0].Features[14 + 22 + 5].ShouldBe(1, "the day before it");
    }

    [Theory]
    [InlineData("1984-01-01", 0)]
    [InlineData("1985-01-21", -1)]
    [InlineData("1986-01-20", 1)]
    [InlineData("1984-02-20", 2)]
    [InlineData("1984-05-28", 3)]
    [InlineData("1984-05-21", -1)]
    [InlineData("1984-09-03", 6)]
    [InlineData("1984-10-08", 7)]
    [InlineData("1984-11-22", 9)]
    [InlineData("1984-11-29", -1)]
    [InlineData("1984-12-25", 10)]
    public void Holidays_are_where_the_law_puts_them(string date, int expected) =>
        (UsHolidays.Of(DateTime.Parse(date, System.Globalization.CultureInfo.InvariantCulture)) ?? -1).ShouldBe(expected);

    [Fact]
    public void Labels_are_read_for_scoring_only()
    {
        var job = s_job with { Task = new AnomalyTask { Context = 2, Horizon = 1, Label = "bad" } };
        var data = Read(job, "y,bad\n1,0\n2,0\n3,1\n");

        data.Windows!.Table.HasLabels.ShouldBeTrue();
        Enumerable.Range(0, 3).Select(data.Windows.Table.IsLabelled).ShouldBe([false, false, true]);
        data.Training.Features.ShouldBe(2);
        foreach (var none in new[] { "no", "NaN", "Infinity", "-Infinity", "1e999", "" })
            Refusal(job, $"y,bad\n1,{(none.Length > 0 ? none : "\"\"")}\n").ShouldBe($"t.csv:2: column \"bad\" holds \"{none}\", expected a number: 0 for an ordinary row, another one for a row out of the ordinary");
    }

    [Theory]
    [InlineData("y\n1\n2\nx\n", "t.csv:4: column \"y\" holds \"x\", expected a decimal number such as -0.25")]
    [InlineData("y\n1\n\"\"\n3\n", "t.csv:3: column \"y\" holds no number (\"\"), expected one (or missing: mean or previous for this column)")]
    [InlineData("z\n1\n", "t.csv:1: no column is named \"y\" (data.columns), there are \"z\"")]
    [InlineData("y\n", "t.csv: has no row, expected at least one window of them")]
    [InlineData("", "t.csv: the file is empty, expected a line with the names of the columns, \"y\" among them")]
    [InlineData("y\n1\n2\n", "t.csv: 0 windows of 3 rows to train on are too few: one for each of training.shards 1 is needed; give it more rows, lower training.shards, context or horizon, or change data.validation or data.test")]
    public void What_is_wrong_with_a_table_is_told_by_line_and_column(string text, string message) => Refusal(s_job, text).ShouldBe(message);

    [Fact]
    public void A_date_that_is_none_is_named_with_what_was_expected()
    {
        var job = Of(new ForecasterTask { Context = 1, Horizon = 1 }, new NumericColumnOptions { Name = "n", Role = ColumnRole.Target }, new DateColumnOptions { Name = "day" });

        Refusal(job, "day,n\n1984-7-3,1\n1984-13-1,2\n").ShouldBe("t.csv:3: column \"day\" holds \"1984-13-1\", expected a date like yyyy-M-d");
    }

    [Fact]
    public void Times_of_day_are_read_alike_on_every_day()
    {
        var time = new DateColumnOptions { Name = "at", Format = "HH:mm:ss", Features = [CalendarFeature.Hour] };
        var data = Read(Of(new ForecasterTask { Context = 1, Horizon = 1 }, new NumericColumnOptions { Name = "n", Role = ColumnRole.Target }, time), "at,n\n00:00:00,1\n13:00:00,2\n");

        data.Encoding.Table!.Columns[1].FirstDay.ShouldBe("2000-01-01");
        data.Training[0].Features[1].ShouldBe(1, "midnight is an hour too");
        data.Training[0].Features[26 + 1 + 13].ShouldBe(1);
    }

    [Theory]
    [InlineData("9999-12-31", 22, 0)]
    [InlineData("0001-01-01", 22, 11)]
    public void Holidays_end_where_the_calendar_does(string day, int absent, int present)
    {
        var features = new float[CalendarFeatures.Width(CalendarFeature.UsHolidays)];

        CalendarFeatures.Fill(CalendarFeature.UsHolidays, DateTime.Parse(day, System.Globalization.CultureInfo.InvariantCulture), default, features);

        // New Year's Eve is the day before no day; the first day of all is a holiday.
        features[absent].ShouldBe(0);
        (features[present] == 1).ShouldBe(day[0] == '0');
    }

    [Fact]
    public void A_number_that_is_too_large_for_the_scale_of_its_column_is_a_malformed_row()
    {
        var job = Of(new ForecasterTask { Context = 2, Horizon = 1, RelativeTo = WindowBase.Last }, new NumericColumnOptions { Name = "y", Role = ColumnRole.Target }, new NumericColumnOptions { Name = "x" })
            .With(data => data with { Series = "s", Test = 0.5 });
        var text = "s,y,x\n" + Rows(8, row => $"one,{row % 2},0") + "one,-3e38,0\none,1,1\none,1,-3e30\none,1,2\none,1,3\n" + Rows(8, row => $"two,{row % 3},0");

        Refusal(job, text).ShouldBe("t.csv:10: column \"y\" holds \"-3E+38\", expected a number from -6.63E+17 to 6.63E+17: others are too far from what was trained on to be computed with");
        var data = Read(job.With(data => data with { OnBadRow = MalformedRows.Skip }), text);

        data.Notices.ShouldHaveSingleItem().ShouldStartWith("2 malformed rows were left out (data.onBadRow: skip), the first: t.csv:10: column \"y\"");
        data.Windows!.Table.Series.ShouldBe([new TableSeries("one", 0, 11), new TableSeries("two", 11, 8)]);
        Enumerable.Range(7, 5).Select(data.Windows.Table.LineOf).ShouldBe([9, 11, 13, 14, 15]);
        data.Test!.Count.ShouldBeGreaterThan(3);
        data.Windows.Targets(7, 1)[0].ShouldBe((float)((1 - 0.6) / Math.Sqrt(0.44)), 1e-6f);
    }

    [Fact]
    public void Numbers_that_are_left_out_are_in_no_mean()
    {
        var job = Of(new ForecasterTask { Context = 1, Horizon = 1 }, new NumericColumnOptions { Name = "y", Role = ColumnRole.Target, Missing = MissingNumbers.Mean, Standardize = false });

        var data = Read(job.With(data => data with { OnBadRow = MalformedRows.Skip }), "t,y\na,1\na,1e20\na,3\na,\n");

        data.Windows!.Table.Rows.ShouldBe(3);
        data.Encoding.Table!.Columns[0].Average.ShouldBe(2);
        data.Windows.Features(2, 1)[0].ShouldBe(2, "the mean stands for what is missing");
    }

    [Fact]
    public void Malformed_rows_are_left_out_and_counted_where_the_job_says_so()
    {
        var data = Read(s_job.With(data => data with { OnBadRow = MalformedRows.Skip }), "y\n1\nx\n2\n3,4\n5\n");

        data.Windows!.Table.Rows.ShouldBe(3);
        data.Notices.ShouldHaveSingleItem().ShouldStartWith("2 malformed rows were left out (data.onBadRow: skip), the first: t.csv:3: column \"y\"");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[{\"Name\":\"a\",\"Width\":0}]")]
    [InlineData("[null]")]
    public void A_damaged_list_of_columns_is_refused(string text) => Should.Throw<CorruptFileException>(() => TableEncoding.Parse(text));
}
