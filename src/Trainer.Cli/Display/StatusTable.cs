using LstmCluster.Cli.Operations;
using Spectre.Console;

namespace LstmCluster.Cli.Display;

/// <summary>How a run stands, on a terminal.</summary>
static class StatusTable
{
    /// <summary>Shows it.</summary>
    public static void Show(RunStatus status, IAnsiConsole console)
    {
        foreach (var line in StatusLines.Head(status)) console.Write(new Text(line + "\n"));
        if (status.Workers.Count > 0) console.Write(Workers(status.Workers));
        foreach (var line in StatusLines.Tail(status)) console.Write(new Text(line + "\n"));
    }

    static Table Workers(IReadOnlyList<WorkerState> workers)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey);
        table.AddColumn("worker");
        table.AddColumn("device");
        table.AddColumn("computes shards");
        table.AddColumn(new TableColumn("for").RightAligned());
        table.AddColumn(new TableColumn("computed").RightAligned());
        table.AddColumn(new TableColumn("waited").RightAligned());
        table.AddColumn("for whom");
        table.AddColumn(new TableColumn("shards in all").RightAligned());
        foreach (var worker in workers)
        {
            table.AddRow(
                new Text(worker.Name),
                new Text(worker.Device ?? "-"),
                new Text(worker.Shards.Count == 0 ? "-" : StatusLines.Shards(worker.Shards)),
                new Text(worker.Shards.Count == 0 ? "-" : StatusLines.Duration(worker.Seconds)),
                new Text(worker.ComputeShare is { } computed ? Numbers.Percent(computed) : "-"),
                new Text(worker.WaitShare is { } waited ? Numbers.Percent(waited) : "-", waitedTooLong(worker) ? new Style(Color.Yellow) : Style.Plain),
                new Text(StatusLines.Waits(worker) is { Length: > 0 } waits ? waits : "-"),
                new Text(Numbers.Count(worker.ShardsDone)));
        }

        return table;

        static bool waitedTooLong(WorkerState worker) => worker.WaitShare > 0.5;
    }
}
