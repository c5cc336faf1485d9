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
        var options = new TrainOptions();
        var set = Arguments.Set();
        var json = Arguments.Json();
        var verb = new Verb(
            "train", "Train a job, with progress and checkpoints",
            "train examples/moby-dick.yaml", "train examples/moby-dick.yaml --resume --set training.steps=4000", "train examples/moby-dick.yaml --workers 1 --json",
            "train examples/moby-dick.yaml --device cuda:0,cuda:1",
            "train examples/moby-dick.yaml --listen 127.0.0.1:4242 --workers 0 --min-workers 2", "train examples/moby-dick.yaml --listen 0.0.0.0:4242 --security security",
            "train examples/moby-dick.yaml --listen 127.0.0.1:4242 --parameter-server-processes 2",
            "train examples/moby-dick.yaml --listen 10.0.0.5:4242 --security node5 --registry etcd://10.0.0.1:2379/moby-dick --run /shared/moby-dick")
        {
            job, set, json,
        };
        options.AddTo(verb);
        var operations = new OperationsOptions();
        operations.AddTo(verb, hasPages: true);
        verb.SetAction(parsed =>
        {
            var (read, how) = options.Read(parsed, () => Arguments.ReadJob(parsed, job, set), parsed.GetValue(verbose));
            return RunAsync(read, how, operations.Read(parsed, "coordinator", leadsRun: true), parsed.GetValue(json));
        });
        return verb;
    }

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
            options = options with { Progress = message => Tell(new Noticed(message), observers), ActorObserver = watching.Beside(options.ActorObserver) };
            try
            {
                await using var run = await TrainingRun.StartAsync(job, options, observers, interruption.Token).ConfigureAwait(false);
                watching.Begin(run);
                await using var stop = interruption.Token.Register(() =>
                {
                    Tell(new Noticed($"{(run.HasEnded ? "leaving what follows the last step" : "finishing the step and writing a checkpoint")} (once more to leave at once)"), observers);
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
            catch (DeposedException deposed)
            {
                ended = new RunDeposed(0, 0, deposed.Message);
            }
            catch (RegistryException refusal)
            {
                return CommandLine.Fail(refusal.Message, ExitCode.Failed);
            }
        }

        return ended switch
        {
            RunFailed failed => CommandLine.Fail(
                $"{failed.Reason}; {(failed.Checkpoint is { } checkpoint ? $"the last good checkpoint is {checkpoint}" : "there is no good checkpoint")}", ExitCode.Failed),
            RunDeposed deposed => CommandLine.Fail($"deposed{(deposed.Step > 0 ? $" after step {deposed.Step}" : "")}: {deposed.Reason}; nothing more is written here", ExitCode.Failed),
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
