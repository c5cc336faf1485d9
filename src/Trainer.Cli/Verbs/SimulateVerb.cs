using LstmCluster.Data;
using LstmCluster.Protocol;
using LstmCluster.Simulation;

namespace LstmCluster.Cli.Verbs;

/// <summary><c>simulate</c>: a whole cluster in one process and virtual time, with faults drawn from a seed.</summary>
static class SimulateVerb
{
    /// <summary>Workers of a cluster whose every message is checked.</summary>
    const int MostChecked = 1000;

    /// <summary>Parameter servers of such a cluster.</summary>
    const int MostCheckedServers = 64;

    const int MostStandbys = 16;

    /// <summary>The verb.</summary>
    public static Verb Create()
    {
        var job = Arguments.Job();
        var workers = Arguments.Number("--workers", "Worker processes, of one slot or two; with --parameters machines of one worker each", 1, 1_000_000, 4);
        var servers = TrainOptions.Count("--parameter-servers", 0, "Parts of the parameters that the coordinator's process keeps (default: drawn from the seed); with --parameters machines of one parameter server each (default: 1)", 1 << 20);
        var serverProcesses = TrainOptions.Count("--parameter-server-processes", 0, "Parts that processes of their own keep (default: drawn from the seed)", MostCheckedServers);
        var standbys = TrainOptions.Count("--standbys", 0, "Coordinators that stand by and are elected through a simulated registry (default: drawn from the seed; 0: one that is started again, without a registry)", MostStandbys);
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
            "simulate JOB --seeds 1000", "simulate JOB --seed 17 --faults loss,crash --workers 3", "simulate JOB --seeds 100 --parameter-server-processes 2", "simulate JOB --workers 10000 --parameters 100M --bandwidth 10G --parameter-servers 64")
        {
            job, workers, servers, serverProcesses, standbys, seed, seeds, threads, faults, set, json,
        };
        scale.AddTo(verb);
        verb.SetAction((parsed, cancellation) =>
        {
            RequireServers(parsed.GetValue(servers), parsed.GetValue(serverProcesses), scale.IsAsked(parsed));
            if (scale.IsAsked(parsed))
                return Task.FromResult(scale.Run(parsed, Arguments.ReadJob(parsed, job, set), parsed.GetValue(workers), parsed.GetValue(servers) ?? 1, parsed.GetValue(seed), parsed.GetValue(json)));
            if (parsed.GetValue(workers) > MostChecked)
                throw new UserErrorException($"--workers must be at most {MostChecked} without --parameters, got \"{parsed.GetValue(workers)}\"");
            var options = new SimulationOptions
            {
                Seed = parsed.GetValue(seed),
                Workers = parsed.GetValue(workers),
                ParameterServers = parsed.GetValue(servers),
                ParameterServerProcesses = parsed.GetValue(serverProcesses),
                Standbys = parsed.GetValue(standbys),
                Faults = FaultNames.Parse(parsed.GetRequiredValue(faults)),
            };
            var changes = parsed.GetRequiredValue(set);
            var replay = string.Concat(parsed.GetRequiredValue(job), string.Concat(changes.Select(change => $" --set {change}")));
            return RunAsync(
                Arguments.ReadJob(parsed, job, set), options, parsed.GetValue(seeds), parsed.GetValue(threads), new SimulationReport(replay, options, parsed.GetValue(json)), cancellation);
        });
        return verb;
    }

    static void RequireServers(int? servers, int? processes, bool isScaleAsked)
    {
        if (isScaleAsked && processes is not null) throw new UserErrorException($"--parameter-server-processes {processes}: with --parameters every parameter server has a machine of its own");
        if (!isScaleAsked && servers > MostCheckedServers) throw new UserErrorException($"--parameter-servers must be at most {MostCheckedServers} without --parameters, got \"{servers}\"");
        if (servers == 0 && processes is null or 0) throw new UserErrorException("--parameter-servers 0: somebody has to keep the parameters; 0 needs --parameter-server-processes");
    }

    static async Task<int> RunAsync(Job job, SimulationOptions options, long seeds, int threads, SimulationReport report, CancellationToken cancellation)
    {
        var data = await JobData.LoadAsync(job, new FetchOptions(), cancellation: cancellation).ConfigureAwait(false);
        var reference = ReferenceRun.Of(new SimulatedJob(job, data));
        SeedSuite.Run(reference, options, seeds, threads, report.Add, cancellation);
        return report.End();
    }
}
