using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The forecast that repeats the last season, which others are measured by (Hyndman &amp; Athanasopoulos, Forecasting, 5.2).</summary>
static class SeasonalNaive
{
    /// <summary>Its row for a row that is told.</summary>
    /// <param name="ahead">Rows from the last one read to the one told, from 1.</param>
    /// <param name="season">Rows of a season.</param>
    /// <returns>How many rows it lies before the told one: whole seasons, the fewest that are known.</returns>
    public static int RowsBack(int ahead, int season) => (ahead + season - 1) / season * season;

    /// <summary>Mean absolute error of repeating what was a season ago, on the rows of what was trained on, in the unit of each target column.</summary>
    /// <param name="table">The table.</param>
    /// <param name="task">What a window is.</param>
    /// <param name="training">Windows of what was trained on.</param>
    /// <param name="season">Rows of a season.</param>
    /// <exception cref="UserErrorException">The season is longer than what a window reads.</exception>
    public static double[] Scales(EncodedTable table, WindowTask task, SampleSet training, int season)
    {
        if (season > task.Context) throw new UserErrorException($"a season of {season} rows is longer than the {task.Context} that are read (the task's context)");
        var blocks = new TargetBlocks(table);
        var (seen, sums, counts) = (new bool[table.Table.Rows], new double[table.Outputs], new long[table.Outputs]);
        for (var index = 0; index < training.Count; index++)
        {
            // Windows overlap, and do not go beyond their series.
            var first = training.FirstRowOf(index);
            var targets = blocks.Of(first, task.Rows);
            for (var row = season; row < task.Rows; row++)
            {
                if (seen[first + row]) continue;
                seen[first + row] = true;
                Add(targets.Slice(row * table.Outputs, table.Outputs), targets.Slice((row - season) * table.Outputs, table.Outputs), sums, counts);
            }
        }

        return [.. table.Encoding.Targets.Select((column, output) => column.Scale * sums[output] / counts[output])];
    }

    static void Add(ReadOnlySpan<float> now, ReadOnlySpan<float> before, double[] sums, long[] counts)
    {
        for (var output = 0; output < now.Length; output++)
        {
            var difference = Math.Abs((double)now[output] - before[output]);
            if (double.IsNaN(difference)) continue;
            sums[output] += difference;
            counts[output]++;
        }
    }
}
