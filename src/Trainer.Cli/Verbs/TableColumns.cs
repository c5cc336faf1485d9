using System.Globalization;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Cli.Verbs;

/// <summary>How predictions of tables are written: with the names that the columns have in the job.</summary>
/// <param name="data">The job's data.</param>
sealed class TableColumns(DataOptions data)
{
    readonly string[] _dates = [.. Names(data, column => column is DateColumnOptions { Role: ColumnRole.Known })], _targets = [.. Names(data, column => column.Role == ColumnRole.Target)];

    /// <summary>Columns of forecasts.</summary>
    public IEnumerable<string> ForecastHeader => [.. Series(data.Series), "ahead", .. _dates, .. _targets];

    /// <summary>Columns of readings.</summary>
    public IEnumerable<string> AnomalyHeader => ["line", .. Series(data.Series), "score", "threshold", "anomaly"];

    /// <summary>The cells of a row that is told.</summary>
    public IEnumerable<string> CellsOf(ForecastRow row) =>
        [.. Series(row.Series), Whole(row.Ahead), .. _dates.Select(name => row.Dates[name]), .. _targets.Select(name => PredictionWriter.Number(row.Values[name]))];

    /// <summary>The cells of a reading.</summary>
    public IEnumerable<string> CellsOf(AnomalyReading reading) =>
        [Whole(reading.Line), .. Series(reading.Series), PredictionWriter.Number(reading.Score), PredictionWriter.Number(reading.Threshold), reading.IsAnomaly switch { true => "true", false => "false", null => "" }];

    /// <summary>A row that is told as a JSON object.</summary>
    public object ObjectOf(ForecastRow row)
    {
        var members = WithSeries(row.Series);
        members.Add("ahead", row.Ahead);
        if (row.Dates.Count > 0) members.Add("dates", row.Dates);
        members.Add("values", row.Values);
        return members;
    }

    /// <summary>A reading as a JSON object.</summary>
    public object ObjectOf(AnomalyReading reading)
    {
        var members = new OrderedDictionary<string, object?> { { "line", reading.Line } };
        foreach (var (name, value) in WithSeries(reading.Series)) members.Add(name, value);
        members.Add("score", reading.Score);
        members.Add("threshold", reading.Threshold);
        members.Add("anomaly", reading.IsAnomaly);
        if (reading.Expected.Count > 0) members.Add("expected", reading.Expected);
        return members;
    }

    OrderedDictionary<string, object?> WithSeries(string name) => data.Series is null ? [] : new OrderedDictionary<string, object?> { { "series", name } };

    /// <summary>Only where the job has several series.</summary>
    IEnumerable<string> Series(string? text) => data.Series is null ? [] : [text!];

    static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);

    static IEnumerable<string> Names(DataOptions data, Func<ColumnOptions, bool> isMeant) => (data.Columns ?? []).Where(isMeant).Select(column => column.Name);
}
