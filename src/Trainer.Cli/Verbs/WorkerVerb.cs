using System.CommandLine;
using LstmCluster.Actors;
using LstmCluster.Cli.Operations;
using LstmCluster.Data;
using LstmCluster.Training;

namespace LstmCluster.Cli.Verbs;

/// <summary><c>worker</c>: workers of this process for a run of another, until it has ended or a signal comes.</summary>
static class WorkerVerb
{
    /// <summary>The verb.</summary>
    /// <param name="verbose">Whether failures of actors are shown with their stack traces.</param>
    public static Command Create(Option<bool> verbose)
    {
        var coordinator = new Option<string>("--coordinator")
        {
            Description = "Where train --listen listens",
            HelpName = "HOST:PORT",
            Required = true,
        };
        var slots = TrainVerb.Count("--slots", 1, "Workers of this process (default: one per core)");
        var device = TrainVerb.Device();
        var security = SecurityVerb.Option();
        var verb = new Verb(
            "worker", "Compute for a run of another process, until it has ended",
            "worker --coordinator 127.0.0.1:4242", "worker --coordinator 127.0.0.1:4242 --slots 2", "worker --coordinator trainer.example.org:4242 --security gpu1")
        {
            coordinator, slots, device, security,
        };
        var operations = new OperationsOptions();
        operations.AddTo(verb, hasPages: false);
        verb.SetAction(parsed =>
        {
            var trusted = SecurityVerb.Read(parsed, security);
            var options = new WorkerProcessOptions
            {
                Coordinator = HostAndPort.Dialling("--coordinator", parsed.GetRequiredValue(coordinator), trusted),
                Security = trusted,
                Slots = new WorkerSlots(ProcessName, DeviceSelection.Choose(parsed.GetRequiredValue(device), parsed.GetValue(slots), "--slots")),
                ModelOf = package => ModelMapping.Of(package.Job, DataEncoding.Parse(package.Encoding, package.Job)),
                Log = Say,
                ActorObserver = FailureLog.For(parsed.GetValue(verbose)),
            };
            return RunAsync(options, operations.Read(parsed, "worker", leadsRun: false));
        });
        return verb;
    }

    /// <summary>Tells this process from all others that may join.</summary>
    static string ProcessName => $"{Environment.MachineName.Replace('/', '-')}-{Environment.ProcessId}";

    static async Task<int> RunAsync(WorkerProcessOptions options, OperationsSettings operations)
    {
        await using var watching = await Watching.StartAsync(operations).ConfigureAwait(false);
        using var interruption = new Interruption();
        try
        {
            var end = await WorkerProcess.RunAsync(options, interruption.Token).ConfigureAwait(false);
            if (end.Kind == HostEndKind.Failed) return CommandLine.Fail($"every worker of this process has failed, the last one {end.Reason}", ExitCode.Failed);
            if (end.Kind == HostEndKind.RunFailed) return CommandLine.Fail(end.Reason, ExitCode.Failed);
            Say(end.Reason);
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (interruption.ExitCode != ExitCode.Done)
        {
            return interruption.ExitCode;
        }
        catch (HandshakeException refusal)
        {
            return CommandLine.Fail($"the coordinator at {options.Coordinator} refuses this worker: {refusal.Message}", ExitCode.Failed);
        }
    }

    static void Say(string line)
    {
        Logs.Said(ProcessLog.Current.Logger("LstmCluster.Worker"), Lines.Join(line));
        Console.Out.WriteLine(Lines.Join(line));
        Console.Out.Flush();
    }
}
