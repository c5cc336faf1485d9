namespace LstmCluster.Protocol;

/// <summary>The keys of a table's column.</summary>
static class ColumnSchema
{
    const int MostColumns = 1000;

    static readonly ChoiceValue<ColumnRole> s_role = new(("target", ColumnRole.Target), ("past", ColumnRole.Past), ("known", ColumnRole.Known));

    static readonly ChoiceValue<ColumnRole> s_input = new(("past", ColumnRole.Past), ("known", ColumnRole.Known));

    static readonly ChoiceValue<MissingNumbers> s_missing = new(("fail", MissingNumbers.Fail), ("mean", MissingNumbers.Mean), ("previous", MissingNumbers.Previous));

    static readonly ChoiceValue<CalendarFeature> s_feature = new(
        ("weekday", CalendarFeature.Weekday), ("day", CalendarFeature.Day), ("month", CalendarFeature.Month), ("hour", CalendarFeature.Hour), ("yearday", CalendarFeature.Yearday),
        ("daytime", CalendarFeature.Daytime), ("trend", CalendarFeature.Trend), ("us-holidays", CalendarFeature.UsHolidays));

    static readonly OneOf<ColumnOptions> s_column = new(
        Kind.Options<ColumnOptions, NumericColumnOptions>("numeric", new Section<NumericColumnOptions>(
            new NumericColumnOptions { Name = "" },
            [
                Name<NumericColumnOptions>(),
                Role<NumericColumnOptions>(s_role),
                new SectionKey<NumericColumnOptions, MissingNumbers>("missing", "What stands for a number that is missing (an empty cell, `NA`, `NaN`, `?`): an error, the mean of the rows trained on, or the number before it in its series (the mean where there is none); the last two add a feature that tells so", s_missing, x => x.Missing, (x, v) => x with { Missing = v }),
                new SectionKey<NumericColumnOptions, bool>("standardize", "The mean of what is trained on is taken away, and the rest divided by its standard deviation", new FlagValue(), x => x.Standardize, (x, v) => x with { Standardize = v }),
            ])),
        Kind.Options<ColumnOptions, CategoricalColumnOptions>("categorical", new Section<CategoricalColumnOptions>(
            new CategoricalColumnOptions { Name = "" }, [Name<CategoricalColumnOptions>(), Role<CategoricalColumnOptions>(s_input)])),
        Kind.Options<ColumnOptions, DateColumnOptions>("date", new Section<DateColumnOptions>(
            new DateColumnOptions { Name = "" },
            [
                Name<DateColumnOptions>(),
                Role<DateColumnOptions>(s_input),
                new SectionKey<DateColumnOptions, ValueList<string>>("parts", "Columns whose texts, with `-` between them, are the date", new ListOf<string>(new TextValue(), 8), x => x.Parts, (x, v) => x with { Parts = v }) { DefaultText = "the column of its name" },
                new SectionKey<DateColumnOptions, string>("format", "How the text is read: a custom date format of .NET", new TextValue(), x => x.Format, (x, v) => x with { Format = v }),
                new SectionKey<DateColumnOptions, ValueList<CalendarFeature>>("features", "What the model reads of the date", new ListOf<CalendarFeature>(s_feature, 8), x => x.Features, (x, v) => x with { Features = v }),
            ])));

    /// <summary>The columns of a table.</summary>
    public static ListOf<ColumnOptions> Columns { get; } = new(s_column, MostColumns);

    /// <summary>A column's kind as a job file names it.</summary>
    public static string NameOf(ColumnOptions column) => s_column.NameOf(column);

    /// <summary>A feature of dates as a job file names it.</summary>
    public static string NameOf(CalendarFeature feature) => s_feature.WordOf(feature);

    static SectionKey<T> Name<T>() where T : ColumnOptions =>
        new SectionKey<T, string>("name", "Name of the column", new TextValue(), x => x.Name, (x, v) => x with { Name = v }) { Required = true };

    static SectionKey<T> Role<T>(ChoiceValue<ColumnRole> roles) where T : ColumnOptions =>
        new SectionKey<T, ColumnRole>("role", "What is known of it when a forecast is made: it is what is forecast, its past is known, or its future too", roles, x => x.Role, (x, v) => x with { Role = v });
}
