using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>The end of a series, and the rows behind it that are to be told.</summary>
/// <param name="Series">Name of the series; empty where all rows are one.</param>
/// <param name="Window">What the model reads.</param>
/// <param name="Dates">Of each row that is to be told, its dates by the names of their columns.</param>
public sealed record ForecastInput(string Series, Sample Window, IReadOnlyList<IReadOnlyDictionary<string, string>> Dates);

/// <summary>From the history of series to what a model of forecasts reads.</summary>
/// <remarks>
/// Rows at the end of a series whose targets are missing are those to be told: they hold what is known of the future. Where only dates are known of it
/// they may be left out, and the dates go on as they did.
/// </remarks>
/// <param name="job">The job that trained the model.</param>
/// <param name="encoding">What was learned of the columns.</param>
/// <param name="fileName">What errors call the history.</param>
public sealed class ForecastInputs(Job job, TableEncoding encoding, string fileName)
{
    readonly WindowTask _task = (WindowTask)job.Task;
    readonly ValueList<ColumnOptions> _columns = job.Data.Columns!;
    readonly RowEncoder _encoder = new(job.Data.Columns!, encoding);
    readonly OrderedDictionary<string, History> _series = [];

    /// <summary>Takes in the next row of the history.</summary>
    /// <exception cref="UserErrorException">Something is missing that must not be.</exception>
    public void Take(TableInput row)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (!_series.TryGetValue(row.Series, out var history)) _series.Add(row.Series, history = new History(new SeriesRows(_encoder, _task.Rows)));
        history.Take(row);
    }

    /// <summary>What is to be told of each series, in the order in which they came.</summary>
    /// <exception cref="UserErrorException">A series is too short, or what must be known of its future is missing; names the column.</exception>
    public IEnumerable<ForecastInput> Complete()
    {
        if (_series.Count == 0) throw UserErrorException.At(fileName, $"has no row, expected at least the {_task.Context} that are read before the first one that is told");
        return _series.Select(series => Complete(series.Key, series.Value));
    }

    ForecastInput Complete(string name, History history)
    {
        var words = name.Length > 0 ? $"series {Cell.Show(name)} has" : "there are";
        if (history.Rows.Count < _task.Context)
            throw UserErrorException.At(fileName, $"{words} {history.Rows.Count} rows with {Targets}, expected at least the {_task.Context} that are read before the first one that is told (the task's context)");
        if (history.Coming.Count > _task.Horizon)
            throw UserErrorException.At($"{fileName}:{history.Coming[_task.Horizon].Line}", $"{words} {history.Coming.Count} rows without {Targets} at the end, expected at most the {_task.Horizon} that are told (the task's horizon)");
        RequireFuture(words, history.Coming.Count);
        var dates = new List<IReadOnlyDictionary<string, string>>();
        DateSteps?[] steps = [.. _columns.Select((column, index) => column is DateColumnOptions ? history.Steps(index) : null)];
        for (var ahead = 0; ahead < _task.Horizon; ahead++)
        {
            var cells = ahead < history.Coming.Count ? [.. history.Coming[ahead].Cells] : new ColumnCell[_columns.Count];
            var told = new OrderedDictionary<string, string>();
            foreach (var (index, column) in _columns.Index())
            {
                if (ahead >= history.Coming.Count) cells[index] = column is { Role: ColumnRole.Known } and DateColumnOptions ? new ColumnCell(Date: Next(steps[index]!, column)) : ColumnCell.None;
                if (column is not DateColumnOptions { Role: ColumnRole.Known } date) continue;
                steps[index]!.Take(cells[index].Date);
                told.Add(date.Name, new DatePattern(date.Format).Write(cells[index].Date));
            }

            history.Rows.Add(cells);
            dates.Add(told);
        }

        return new ForecastInput(name, new WindowSamples(history.Rows, _task, [history.Rows.Count - _task.Rows])[0], dates);
    }

    string Targets => string.Join(" and ", encoding.Targets.Select(column => Cell.Show(column.Name)));

    DateTime Next(DateSteps steps, ColumnOptions column) =>
        steps.Next() ?? throw UserErrorException.At(fileName, $"column \"{column.Name}\" does not go on from one row to the next, expected dates that rise, or {_task.Horizon} rows without {Targets} at the end that say when they are");

    void RequireFuture(string words, int coming)
    {
        if (coming == _task.Horizon) return;
        foreach (var column in _columns)
        {
            if (column is { Role: ColumnRole.Known } and not DateColumnOptions)
                throw UserErrorException.At(fileName, $"column \"{column.Name}\" is known for the future (role: known), and {words} {coming} rows without {Targets} at the end, expected the {_task.Horizon} that are told (the task's horizon)");
        }
    }

    /// <summary>What is known of a series.</summary>
    sealed class History(SeriesRows rows)
    {
        IReadOnlyList<ColumnCell>? _last, _before;

        /// <summary>Rows with targets, and those between them.</summary>
        public SeriesRows Rows => rows;

        /// <summary>Rows without targets behind the last one with a target.</summary>
        public List<TableInput> Coming { get; } = [];

        public void Take(TableInput row)
        {
            Coming.Add(row);
            if (!row.HasTarget) return;

            // What seemed to be to come was a gap.
            foreach (var known in Coming)
            {
                if (known.Flaw is not null) throw known.Flaw;
                rows.Add(known.Cells);
                (_before, _last) = (_last, known.Cells);
            }

            Coming.Clear();
        }

        /// <summary>How the dates of a column go on behind the last row with a target.</summary>
        public DateSteps Steps(int column)
        {
            var steps = new DateSteps();
            if (_before is not null) steps.Take(_before[column].Date);
            if (_last is not null) steps.Take(_last[column].Date);
            return steps;
        }
    }
}
