using System.CommandLine;
using LstmCluster.Cli.Display;
using LstmCluster.Cli.Operations;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace LstmCluster.Cli.Verbs;

/// <summary><c>train JOB</c>: coordinator, parameter server and workers in this process, others where it listens, until the job is done or a signal comes.</summary>
static class TrainVerb
{
    /// <summary>The verb.</summary>
    /// <param name="verbose">Whether failures of actors are shown with their stack traces.</param>
    public static Command Create(Option<bool> verbose)
    {
        var job = Arguments.Job();
        var workers = Count("--workers", 0, "Workers of this process (default: one per core); 0 with --listen, where others do the work");
        var device = Device();
        var listen = new Option<string?>("--listen") { Description = "Let workers of other processes join, at an address of this machine; port 0 picks one", HelpName = "HOST:PORT" };
        var advertise = new Option<string?>("--advertise") { Description = "Where others reach the address of --listen, when they do so by another one", HelpName = "HOST:PORT" };
        var security = SecurityVerb.Option();
        var minWorkers = Count("--min-workers", 1, "Workers that must have joined before the first step (default: 1)");
        var run = new Option<string?>("--run") { Description = "Run directory (default: runs/NAME, after the job's name)", HelpName = "DIR" };
        var resume = new Option<bool>("--resume") { Description = "Go on with a run that exists, from its newest checkpoint" };
        var set = Arguments.Set();
        var json = Arguments.Json();
        var verb = new Verb(
            "train", "Train a job, with progress and checkpoints",
            "train examples/moby-dick.yaml", "train examples/moby-dick.yaml --resume --set training.steps=4000", "train examples/moby-dick.yaml --workers 1 --json",
            "train examples/moby-dick.yaml --listen 127.0.0.1:4242 --workers 0 --min-workers 2", "train examples/moby-dick.yaml --listen 0.0.0.0:4242 --security security")
        {
            job, workers, device, listen, advertise, security, minWorkers, run, resume, set, json,
        };
        var operations = new OperationsOptions();
        operations.AddTo(verb, hasPages: true);
        verb.SetAction(parsed =>
        {
            var devices = DeviceSelection.Choose(parsed.GetRequiredValue(device), parsed.GetValue(workers));
            if (parsed.GetValue(security) is not null && parsed.GetValue(listen) is null)
                throw new UserErrorException("--security: this run has no other process to trust without --listen");
            var trusted = SecurityVerb.Read(parsed, security);
            var endpoint = parsed.GetValue(listen) is { } address ? HostAndPort.Listening("--listen", address, trusted) : null;
            var advertised = parsed.GetValue(advertise) is { } told ? HostAndPort.Advertised("--advertise", told) : null;
            if (endpoint is null && advertised is not null) throw new UserErrorException($"--advertise {advertised}: nobody can connect without --listen");
            if (endpoint is null && devices.Count == 0) throw new UserErrorException("--workers must be a whole number from 1 to 1024, got \"0\"; 0 needs --listen, so that others can join");
            var least = parsed.GetValue(minWorkers) ?? 1;
            if (endpoint is null && least > devices.Count)
                throw new UserErrorException($"--min-workers {least}: this process has {devices.Count} and nobody else can join; more need --listen");
            var read = Arguments.ReadJob(parsed, job, set);
            var directory = parsed.GetValue(run) ?? Path.Combine("runs", read.Name);
            if (directory.Length == 0) throw new UserErrorException("--run must name a directory, got \"\"");
            var options = new TrainingRunOptions
            {
                Run = directory,
                Resume = parsed.GetValue(resume),
                Devices = devices,
                Listen = endpoint,
                Advertise = advertised,
                Security = trusted,
                MinWorkers = least,
                ActorObserver = FailureLog.For(parsed.GetValue(verbose)),
            };
            return RunAsync(read, options, operations.Read(parsed, "coordinator", leadsRun: true), parsed.GetValue(json));
        });
        return verb;
    }

    /// <summary>The number of workers; null for one per core.</summary>
    public static Option<int?> Workers() => Count("--workers", 1, "Workers of this process (default: one per core)");

    /// <summary>A number of workers; null when it is not given.</summary>
    /// <param name="name">The option.</param>
    /// <param name="least">The smallest number allowed.</param>
    /// <param name="description">One line.</param>
    public static Option<int?> Count(string name, int least, string description)
    {
        var parser = Arguments.Number(name, "", least, DeviceSelection.MostWorkers, 1);
        return new Option<int?>(name)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result => parser.CustomParser!(result),
        };
    }

    /// <summary>The devices.</summary>
    public static Option<string> Device() => new("--device")
    {
        Description = "Where workers compute: cpu; several, separated by commas, make one worker each",
        HelpName = "D",
        DefaultValueFactory = _ => "cpu",
    };

    static async Task<int> RunAsync(Job job, TrainingRunOptions options, OperationsSettings operations, bool json)
    {
        await using var watching = await Watching.StartAsync(operations).ConfigureAwait(false);
        using var interruption = new Interruption();
        TrainingEvent ended;
        var reasons = new CheckpointReasons();
        await using (var display = Displays.For(job, json))
        {
            interruption.BeforeExit = display.Abandon;
            IReadOnlyList<ITrainingObserver> observers = [display, reasons, .. watching.Observers];
            if (watching.Address is { } address) Tell(new Serving(address), observers);
            options = options with { Progress = message => Tell(new Noticed(message), observers) };
            try
            {
                await using var run = await TrainingRun.StartAsync(job, options, observers, interruption.Token).ConfigureAwait(false);
                watching.Begin(run);
                await using var stop = interruption.Token.Register(() =>
                {
                    Tell(new Noticed("finishing the step and writing a checkpoint (once more to leave at once)"), observers);
                    run.RequestStop();
                });
                try
                {
                    ended = await run.WaitAsync().ConfigureAwait(false);
                }
                finally
                {
                    // Before the connections go, so that what they counted is sent too.
                    watching.End();
                }
            }
            catch (OperationCanceledException) when (interruption.ExitCode != ExitCode.Done)
            {
                return interruption.ExitCode;
            }
        }

        return ended switch
        {
            RunFailed failed => CommandLine.Fail(
                $"{failed.Reason}; {(failed.Checkpoint is { } checkpoint ? $"the last good checkpoint is {checkpoint}" : "there is no good checkpoint")}", ExitCode.Failed),
            RunDeposed deposed => CommandLine.Fail($"deposed after step {deposed.Step}: {deposed.Reason}; nothing more is written here", ExitCode.Failed),
            RunInterrupted { Checkpointed: false } interrupted => CommandLine.Fail(
                $"stopped after step {interrupted.Step}, but its checkpoint could not be written: {reasons.Last ?? "no reason given"}", ExitCode.Failed),
            RunInterrupted => interruption.ExitCode,
            _ => ExitCode.Done,
        };
    }

    static void Tell(TrainingEvent happened, IReadOnlyList<ITrainingObserver> observers)
    {
        foreach (var observer in observers) observer.On(happened);
    }

    /// <summary>Remembers why the last checkpoint could not be written.</summary>
    sealed class CheckpointReasons : ITrainingObserver
    {
        public string? Last { get; private set; }

        public void On(TrainingEvent happened) => Last = happened is CheckpointNotWritten failed ? failed.Reason : Last;
    }
}
