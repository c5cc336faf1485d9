using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>From readings, as they come, to the windows whose last row they are.</summary>
/// <param name="job">The job that trained the model, an anomaly's.</param>
/// <param name="encoding">What was learned of the columns.</param>
public sealed class AnomalyInputs(Job job, TableEncoding encoding)
{
    readonly WindowTask _task = (WindowTask)job.Task;
    readonly RowEncoder _encoder = new(job.Data.Columns!, encoding);
    readonly Dictionary<string, SeriesRows> _series = [];

    /// <summary>Takes in the next reading.</summary>
    /// <param name="row">The reading.</param>
    /// <returns>The window that ends with it; null while too few have come before in its series, or where one of its targets is missing.</returns>
    /// <exception cref="UserErrorException">Something is missing that must not be.</exception>
    public Sample? Take(TableInput row)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (row.Flaw is not null) throw row.Flaw;
        if (!_series.TryGetValue(row.Series, out var rows)) _series.Add(row.Series, rows = new SeriesRows(_encoder, _task.Rows));
        rows.Add(row.Cells);
        var first = rows.Count - _task.Rows;
        return first < 0 || rows.Targets(rows.Count - 1, 1).Contains(float.NaN) ? null : new WindowSamples(rows, _task, [first])[0];
    }
}
