using LstmCluster.Cli.Display;
using LstmCluster.Cli.Operations;

namespace LstmCluster.Cli.Verbs;

/// <summary><c>status RUN|HOST:PORT</c>: who computes what, and how long each waited on whom; for a run that is over, how it ended.</summary>
static class StatusVerb
{
    /// <summary>The verb.</summary>
    public static System.CommandLine.Command Create()
    {
        var run = new System.CommandLine.Argument<string>("RUN|HOST:PORT") { Description = "a run directory, such as runs/moby-dick, or the address of train --http" };
        var json = Arguments.Json();
        var verb = new Verb("status", "Show who computes what and who waits for whom, or how a run ended", "status runs/moby-dick", "status 127.0.0.1:9464 --json") { run, json };
        verb.SetAction(async (parsed, cancellation) =>
        {
            var status = await RunFinder.FindAsync(parsed.GetRequiredValue(run), cancellation).ConfigureAwait(false);
            if (parsed.GetValue(json)) Console.Out.WriteLine(status.ToJson());
            else if (Terminal.IsLive) StatusTable.Show(status, Terminal.Console());
            else foreach (var line in StatusLines.Of(status)) Console.Out.WriteLine(line);

            // So that a health check needs nothing else.
            return status.State == RunState.Stuck ? ExitCode.Failed : ExitCode.Done;
        });
        return verb;
    }
}
