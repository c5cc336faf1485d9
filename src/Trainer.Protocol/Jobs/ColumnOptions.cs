namespace LstmCluster.Protocol;

/// <summary>A column of a table that a model reads (<c>data.columns[]</c>); each kind is a record of its own.</summary>
public abstract record ColumnOptions
{
    /// <summary>Its name in the first line of the file; of a date that several columns make up, a name for it.</summary>
    public required string Name { get; init; }

    /// <summary>What is known of it when a forecast is made.</summary>
    public abstract ColumnRole Role { get; init; }
}

/// <summary>What is known of a column when a forecast is made.</summary>
public enum ColumnRole
{
    /// <summary>It is what is forecast; its past is known.</summary>
    Target,

    /// <summary>Its past is known.</summary>
    Past,

    /// <summary>It is known for the future too, such as a date.</summary>
    Known,
}

/// <summary>Numbers (<c>numeric:</c>).</summary>
public sealed record NumericColumnOptions : ColumnOptions
{
    /// <inheritdoc/>
    public override ColumnRole Role { get; init; } = ColumnRole.Past;

    /// <summary>What stands for a number that is missing.</summary>
    public MissingNumbers Missing { get; init; } = MissingNumbers.Fail;

    /// <summary>Its mean is taken away and it is divided by its standard deviation, both of what is trained on.</summary>
    public bool Standardize { get; init; } = true;
}

/// <summary>What stands for a number that is missing: a cell that is empty, or holds <c>NA</c>, <c>NaN</c> or <c>?</c>.</summary>
public enum MissingNumbers
{
    /// <summary>It is an error.</summary>
    Fail,

    /// <summary>The column's mean, with a feature of its own that tells so.</summary>
    Mean,

    /// <summary>The number before it, with a feature of its own that tells so; the mean where there is none.</summary>
    Previous,
}

/// <summary>One of a few words, each a feature of its own (<c>categorical:</c>).</summary>
public sealed record CategoricalColumnOptions : ColumnOptions
{
    /// <inheritdoc/>
    public override ColumnRole Role { get; init; } = ColumnRole.Known;
}

/// <summary>A date, of which a model reads calendar features (<c>date:</c>).</summary>
public sealed record DateColumnOptions : ColumnOptions
{
    /// <inheritdoc/>
    public override ColumnRole Role { get; init; } = ColumnRole.Known;

    /// <summary>Columns whose texts, with <c>-</c> between them, are the date; null for the column of its name.</summary>
    public ValueList<string>? Parts { get; init; }

    /// <summary>How the text is read, as .NET writes formats: <c>yyyy-M-d H:m:s</c>.</summary>
    public string Format { get; init; } = "yyyy-M-d";

    /// <summary>What a model reads of it.</summary>
    public ValueList<CalendarFeature> Features { get; init; } = [CalendarFeature.Weekday, CalendarFeature.Yearday];
}

/// <summary>What a model reads of a date.</summary>
public enum CalendarFeature
{
    /// <summary>Seven features, one for each day of the week.</summary>
    Weekday,

    /// <summary>31 features, one for each day of the month.</summary>
    Day,

    /// <summary>Twelve features, one for each month.</summary>
    Month,

    /// <summary>24 features, one for each hour.</summary>
    Hour,

    /// <summary>Sine and cosine of the place in the year, and of two and three times it.</summary>
    Yearday,

    /// <summary>Sine and cosine of the place in the day.</summary>
    Daytime,

    /// <summary>Years since the beginning of what is trained on, in tens.</summary>
    Trend,

    /// <summary>Public holidays of the United States, as federal law has them since 1971, and the days around them: 33 features.</summary>
    UsHolidays,
}
