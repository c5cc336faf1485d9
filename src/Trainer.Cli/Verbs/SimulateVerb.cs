using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Simulation;

namespace LstmCluster.Cli.Verbs;

/// <summary><c>simulate</c>: a whole cluster in one process and virtual time, with faults drawn from a seed.</summary>
static class SimulateVerb
{
    /// <summary>Workers of a cluster whose every message is checked.</summary>
    const int MostChecked = 1000;

    /// <summary>The verb.</summary>
    public static Verb Create()
    {
        var job = Arguments.Job();
        var workers = Arguments.Number("--workers", "Worker processes, of one slot or two; with --parameters machines of one worker each", 1, 1_000_000, 4);
        var seed = Arguments.Number("--seed", "The seed, or the first one of several", 0ul, ulong.MaxValue, 1ul);
        var seeds = Arguments.Number("--seeds", "Seeds to run, from that one on", 1L, 100_000_000L, 1L);
        var threads = Arguments.Number("--threads", "Seeds at a time", 1, 256, Environment.ProcessorCount);
        var faults = new System.CommandLine.Option<string>("--faults")
        {
            Description = $"What may go wrong: none, all, or some of {string.Join(',', FaultNames.ByName.Keys)}",
            HelpName = "KINDS",
            DefaultValueFactory = _ => "all",
        };
        var set = Arguments.Set();
        var json = Arguments.Json();
        var scale = new ScaleArguments();
        var verb = new Verb(
            "simulate", "Run a job's cluster in one process and virtual time, with faults drawn from a seed, and check all the time that nothing changes the result. A seed that fails prints the command that replays it",
            "simulate JOB --seeds 1000", "simulate JOB --seed 17 --faults loss,crash --workers 3", "simulate JOB --workers 10000 --parameters 100M --bandwidth 10G --parameter-servers 64")
        {
            job, workers, seed, seeds, threads, faults, set, json,
        };
        scale.AddTo(verb);
        verb.SetAction((parsed, cancellation) =>
        {
            if (scale.IsAsked(parsed))
                return Task.FromResult(scale.Run(parsed, Arguments.ReadJob(parsed, job, set), parsed.GetValue(workers), parsed.GetValue(seed), parsed.GetValue(json)));
            if (parsed.GetValue(workers) > MostChecked)
                throw new UserErrorException($"--workers must be at most {MostChecked} without --parameters, got \"{parsed.GetValue(workers)}\"");
            var options = new SimulationOptions
            {
                Seed = parsed.GetValue(seed),
                Workers = parsed.GetValue(workers),
                Faults = FaultNames.Parse(parsed.GetRequiredValue(faults)),
            };
            var changes = parsed.GetRequiredValue(set);
            var replay = string.Concat(parsed.GetRequiredValue(job), string.Concat(changes.Select(change => $" --set {change}")));
            return RunAsync(
                Arguments.ReadJob(parsed, job, set), options, parsed.GetValue(seeds), parsed.GetValue(threads), new SimulationReport(replay, options, parsed.GetValue(json)), cancellation);
        });
        return verb;
    }

    static async Task<int> RunAsync(Job job, SimulationOptions options, long seeds, int threads, SimulationReport report, CancellationToken cancellation)
    {
        var data = await JobData.LoadAsync(job, new FetchOptions(), cancellation: cancellation).ConfigureAwait(false);
        var reference = ReferenceRun.Of(new SimulatedJob(job, data));
        SeedSuite.Run(reference, options, seeds, threads, report.Add, cancellation);
        return report.End();
    }
}
