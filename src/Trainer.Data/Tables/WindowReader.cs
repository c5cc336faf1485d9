using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>From a table to windows for training and to be held out.</summary>
static class WindowReader
{
    /// <summary>Cuts a table into windows.</summary>
    /// <param name="table">The table.</param>
    /// <param name="job">What a window is, and what is held out.</param>
    /// <param name="fileName">What errors call the table.</param>
    /// <param name="bad">What was left out.</param>
    /// <param name="place">Where the encoded rows are kept.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">The rows are too few, one has a number that cannot be computed with, or they cannot be kept.</exception>
    public static SampleData Cut(Table table, Job job, string fileName, BadRows bad, SpoolPlace place, CancellationToken cancellation = default)
    {
        var task = (WindowTask)job.Task;
        if (table.Rows == 0) throw UserErrorException.At(fileName, "has no row, expected at least one window of them");
        TextCut[] parts = [.. table.Series.Select(series => PartsOf(series, job.Data))];
        var encoding = TableFitting.Fit(table, [.. table.Series.Zip(parts, (series, cut) => (series.First, cut.Training))], fileName, cancellation);
        (table, parts) = TableRange.Within(table, parts, encoding, fileName, bad, cancellation);
        var encoded = new EncodedTable(table, encoding, place, cancellation);
        var windows = WindowsOf(encoded, task, parts);
        return new SampleData(
            new DataEncoding(null) { Table = encoding }, Set(DataPart.Training, "to train on", true)!,
            Set(DataPart.Validation, "to validate on", job.Data.Validation > 0), Set(DataPart.Test, "to test on", job.Data.Test > 0))
        {
            RowsSha256 = table.Sha256,
            Windows = encoded,
            Notices = bad.Notices,
        };

        SampleSet? Set(DataPart part, string purpose, bool isWanted)
        {
            if (!isWanted) return null;
            var firsts = windows[(int)part];
            if (firsts.Count < job.Training.Shards)
                throw UserErrorException.At(fileName, $"{firsts.Count} windows of {task.Rows} rows {purpose} are too few: one for each of training.shards {job.Training.Shards} is needed; give it more rows, lower training.shards, context or horizon, or change data.validation or data.test");
            return new SampleSet(new WindowSamples(encoded, task, firsts), job, encoding);
        }
    }

    /// <summary>How many rows of a series are for what: by order, or all of them by a hash of its name.</summary>
    static TextCut PartsOf(TableSeries series, DataOptions data) => data.Split != SplitKind.Hash ? TextCut.ByOrder(series.Count, data.Validation, data.Test) : HeldOut.PartOf(series.Name, data) switch
    {
        DataPart.Training => new TextCut(series.Count, 0, 0),
        DataPart.Validation => new TextCut(0, series.Count, 0),
        _ => new TextCut(0, 0, series.Count),
    };

    /// <summary>The first rows of the windows of each part: those whose told rows are all of it, and not all without targets. What they read before may be of an earlier part: it is known by then.</summary>
    static List<int>[] WindowsOf(EncodedTable table, WindowTask task, TextCut[] parts)
    {
        // Room for all there may be: a list that grows holds three times as much while it does.
        List<int>[] windows = [ListOf(cut => cut.Training), ListOf(cut => cut.Validation), ListOf(cut => cut.Test)];
        var whole = new WholeRows(table);
        foreach (var (series, cut) in table.Table.Series.Zip(parts))
        {
            for (var start = 0; start + task.Rows <= series.Count; start += task.Stride)
            {
                var (first, last) = (start + task.Context, start + task.Rows - 1);
                if (cut.PartAt(first) == cut.PartAt(last) && whole.LastUpTo(series.First + last) >= series.First + first) windows[(int)cut.PartAt(first)].Add(series.First + start);
            }
        }

        return windows;

        List<int> ListOf(Func<TextCut, int> rows) => new(parts.Sum(cut => (rows(cut) + task.Stride - 1) / task.Stride));
    }

    /// <summary>Finds rows of which no target is missing, going through a table once.</summary>
    sealed class WholeRows(EncodedTable table)
    {
        readonly TargetBlocks _targets = new(table);
        int _next, _last = -1;

        /// <summary>The last whole row up to one that is not before the one that was asked for last; -1 where there is none.</summary>
        public int LastUpTo(int row)
        {
            for (; _next <= row; _next++)
                if (!_targets.Of(_next, 1).Contains(float.NaN))
                    _last = _next;
            return _last;
        }
    }
}
