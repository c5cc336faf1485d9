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
    /// <exception cref="UserErrorException">The rows are too few.</exception>
    public static SampleData Cut(Table table, Job job, string fileName, BadRows bad)
    {
        var task = (WindowTask)job.Task;
        if (table.Rows == 0) throw UserErrorException.At(fileName, "has no row, expected at least one window of them");
        var parts = PartsOf(table, job.Data);
        var encoding = TableFitting.Fit(table, [.. parts.Select(part => part == DataPart.Training)], fileName);
        var encoded = new EncodedTable(table, encoding);
        var windows = WindowsOf(table, task, parts).Where(window => IsTold(encoded, window.First, task)).ToLookup(window => window.Part, window => window.First);
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
            int[] firsts = [.. windows[part]];
            if (firsts.Length < job.Training.Shards)
                throw UserErrorException.At(fileName, $"{firsts.Length} windows of {task.Rows} rows {purpose} are too few: one for each of training.shards {job.Training.Shards} is needed; give it more rows, lower training.shards, context or horizon, or change data.validation or data.test");
            return new SampleSet(new WindowSamples(encoded, task, firsts), job, encoding);
        }
    }

    /// <summary>What each row is for: by order within its series, or whole series by a hash of their names.</summary>
    static DataPart[] PartsOf(Table table, DataOptions data)
    {
        var parts = new DataPart[table.Rows];
        foreach (var series in table.Series)
        {
            if (data.Split == SplitKind.Hash)
            {
                parts.AsSpan(series.First, series.Count).Fill(HeldOut.PartOf(series.Name, data));
                continue;
            }

            var cut = TextCut.ByOrder(series.Count, data.Validation, data.Test);
            parts.AsSpan(series.First + cut.Training, cut.Validation).Fill(DataPart.Validation);
            parts.AsSpan(series.First + cut.Training + cut.Validation, cut.Test).Fill(DataPart.Test);
        }

        return parts;
    }

    /// <summary>Windows whose told rows are all of one part. What they read before may be of an earlier one: it is known by then.</summary>
    static IEnumerable<(int First, DataPart Part)> WindowsOf(Table table, WindowTask task, DataPart[] parts)
    {
        foreach (var series in table.Series)
        {
            for (var start = 0; start + task.Rows <= series.Count; start += task.Stride)
            {
                var (first, last) = (series.First + start + task.Context, series.First + start + task.Rows - 1);
                if (parts[first] == parts[last]) yield return (series.First + start, parts[first]);
            }
        }
    }

    /// <summary>False where the targets of all rows that would be told are missing.</summary>
    static bool IsTold(EncodedTable table, int first, WindowTask task)
    {
        for (var row = first + task.Context; row < first + task.Rows; row++)
            if (!table.Targets(row).Contains(float.NaN))
                return true;
        return false;
    }
}
