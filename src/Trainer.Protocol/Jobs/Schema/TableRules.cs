namespace LstmCluster.Protocol;

/// <summary>What a task over windows of a table needs of <c>data:</c>, and what does not fit it.</summary>
static class TableRules
{
    // As for texts: positions of a step are indexed with 32-bit integers, with room for the features of each.
    const int MostPositionsPerStep = 1 << 24;

    /// <summary>The data with every key that a table has.</summary>
    /// <exception cref="UserErrorException">A key is missing, or does not belong to the task.</exception>
    public static DataOptions Apply(DataOptions data, WindowTask task, TrainingOptions training, SectionPlaces places)
    {
        var name = JobSchema.NameOf(task);
        foreach (var key in (string[])["input", "target", "targetTokens", "vocabulary", "features", "longer", "bucketing", "key", .. FormatRules.Keys])
        {
            if (places.Has($"data.{key}")) throw places.Error($"data.{key}", $"is for rows with an input and a target, and a {name} reads windows of a table (data.columns)");
        }

        if (task.Season > task.Context) throw places.Error($"task.{name}.season", $"must be at most the {task.Context} rows that are read (context), got {task.Season}");
        if (places.Has("data.tokens") && data.Tokens != TokenKind.Numbers) throw places.Error("data.tokens", $"must be numbers for a {name}, which reads the columns of a table");
        if (data.Format is not (null or DataFormat.Csv or DataFormat.Tsv)) throw places.Error("data.format", $"must be csv or tsv for a {name}, which reads a table");
        if (data.Columns is not { } columns) throw places.Error("data.columns", "is missing: the columns that the model reads, such as columns: [numeric: { name: births, role: target }]");
        var names = new HashSet<string>();
        foreach (var (index, column) in columns.Index())
        {
            if (!names.Add(column.Name)) throw places.Error($"data.columns[{index}]", $"is named \"{column.Name}\" as one before it, expected each column once");
            if (column is DateColumnOptions date) CheckFeatures(date, $"data.columns[{index}].date", places);
        }

        if (columns.All(column => column.Role != ColumnRole.Target))
            throw places.Error("data.columns", $"must have a numeric column with role: target, which a {name} tells, and has none");
        if (data is { Split: SplitKind.Hash, Series: null })
            throw places.Error("data.split", "hash holds out whole series, and without data.series all rows are one; use order");
        if ((long)training.Batch * task.Rows > MostPositionsPerStep)
            throw places.Error("training.batch", $"times context and horizon must be at most {MostPositionsPerStep} rows a step, got {training.Batch} x {task.Rows}");
        return data with
        {
            Format = data.Format ?? DataFormat.Csv,
            Tokens = TokenKind.Numbers,
            OnBadRow = data.OnBadRow ?? MalformedRows.Fail,
            Split = data.Split ?? SplitKind.Order,
        };
    }

    /// <summary>Refuses features of what dates without a year do not tell: they would be those of the day on which the table is read.</summary>
    static void CheckFeatures(DateColumnOptions date, string key, SectionPlaces places)
    {
        var pattern = new DatePattern(date.Format);
        if (pattern.HasYear) return;
        if (pattern.HasDayName) throw places.Error($"{key}.format", $"names the day of the week, which only a date with a year has, and \"{date.Format}\" has none; leave ddd or dddd out of format and text");
        foreach (var feature in date.Features)
        {
            var needed = feature switch
            {
                CalendarFeature.Day => pattern.HasDay ? null : "day",
                CalendarFeature.Month => pattern.HasMonth ? null : "month",
                CalendarFeature.Hour or CalendarFeature.Daytime => null,
                _ => "year",
            };
            if (needed is not null)
                throw places.Error($"{key}.features", $"has {ColumnSchema.NameOf(feature)}, which needs the {needed}, and format: \"{date.Format}\" has none; name features that it has, such as {(pattern.HasMonth ? "month" : "hour")}");
        }
    }
}
