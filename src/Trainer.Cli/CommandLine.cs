using System.CommandLine;
using System.CommandLine.Help;
using LstmCluster.Cli.Operations;
using LstmCluster.Cli.Verbs;
using LstmCluster.Compute.Gpu;
using LstmCluster.Protocol;

namespace LstmCluster.Cli;

/// <summary>From arguments to an exit code: the verbs, and one line on standard error for whatever goes wrong.</summary>
static class CommandLine
{
    /// <summary>The program's name, in front of every error.</summary>
    public const string Name = "lstm-cluster";

    static readonly Option<bool> s_verbose = new("--verbose") { Description = "Show the stack trace of an internal error", Recursive = true };

    /// <summary>Runs a command line.</summary>
    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        // A token that begins with @ is text for the prompt, not the name of a file with more arguments.
        var parsed = Root().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        using var log = ProcessLog.Begin(LogFormatOf(parsed));
        if (parsed.Errors.Count > 0) return Fail(ParseErrors.InOneLine(parsed), ExitCode.BadInput);
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }).ConfigureAwait(false);
        }
        catch (UserErrorException error)
        {
            return Fail(error.Message, ExitCode.BadInput);
        }
        catch (GpuException failure)
        {
            return Fail(failure.Message, ExitCode.Failed);
        }
        catch (OutputClosedException)
        {
            // Whoever has read enough wants to hear nothing more.
            return ExitCode.OutputClosed;
        }
        catch (IOException error)
        {
            return Fail(error.Message, ExitCode.Failed);
        }
#pragma warning disable CA1031 // The outermost frame: whatever gets here is reported, and ends the process.
        catch (Exception error)
#pragma warning restore CA1031
        {
            var isVerbose = parsed.GetValue(s_verbose);
            var code = Fail($"internal error: {Lines.Join(error.Message)}{(isVerbose ? "" : " (--verbose shows where)")}", ExitCode.Failed);
            if (isVerbose) Console.Error.WriteLine(error);
            return code;
        }
    }

    /// <summary>Says on standard error, in one line, what is wrong.</summary>
    /// <returns>The exit code given.</returns>
    public static int Fail(string message, int exitCode)
    {
        ProcessLog.Current.Error(Lines.Join(message));
        return exitCode;
    }

    /// <summary>Text for verbs that do not have the option.</summary>
    static LogFormat LogFormatOf(ParseResult parsed) =>
        parsed.GetResult(OperationsOptions.Format) is { Errors: var errors } && !errors.Any() ? parsed.GetValue(OperationsOptions.Format) : LogFormat.Text;

    static RootCommand Root()
    {
        var root = new RootCommand("Trains LSTM networks with actors, in one process or several: the same bits for any number of workers, and after any crash.")
        {
            TrainVerb.Create(s_verbose),
            WorkerVerb.Create(s_verbose),
            ParameterServerVerb.Create(s_verbose),
            StatusVerb.Create(),
            EvalVerb.Create(),
            GenerateVerb.Create(),
            PredictVerb.Create(),
            DataVerb.Create(),
            SecurityVerb.Create(),
            DevicesVerb.Create(),
            BenchVerb.Create(),
            SimulateVerb.Create(),
        };
        root.Add(s_verbose);
        root.Directives.Clear();
        foreach (var help in root.Options.OfType<HelpOption>()) help.Action = new HelpWithExample((HelpAction)help.Action!);
        return root;
    }
}
