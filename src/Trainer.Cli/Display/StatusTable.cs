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
        var table = new Table().Border(TableBorder.Simple).BorderColor(Color.Grey);
        table.AddColumn(new TableColumn("worker").NoWrap());
        table.AddColumn(new TableColumn("device").NoWrap());
        table.AddColumn("computes now");
        table.AddColumn(new TableColumn("computed").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("waited").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("for whom").NoWrap());
        foreach (var worker in workers)
        {
            table.AddRow(
                new Text(worker.Name),
                new Text(worker.Device ?? "-"),
                new Text(worker.Shards.Count == 0 ? "-" : $"{StatusLines.Shards(worker.Shards)} for {StatusLines.Duration(worker.Seconds)}"),
                new Text(worker.ComputeShare is { } computed ? Numbers.Percent(computed) : "-"),
                new Text(worker.WaitShare is { } waited ? Numbers.Percent(waited) : "-", waitedTooLong(worker) ? new Style(Color.Yellow) : Style.Plain),
                new Text(StatusLines.Waits(worker) is { Length: > 0 } waits ? waits.Replace(", ", "\n", StringComparison.Ordinal) : "-"));
        }

        return table;

        static bool waitedTooLong(WorkerState worker) => worker.WaitShare > 0.5;
    }
}
