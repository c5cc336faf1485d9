using System.Diagnostics;
using System.Text.Json;

namespace Cluster.Support;

/// <summary>What a command left: exit code and what it wrote.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    public IReadOnlyList<string> ErrorLines => Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Every line of output as JSON; throws when one is not.</summary>
    public IReadOnlyList<JsonElement> Events => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Command.Parse)];

    public JsonElement Last => Events[^1];

    /// <summary>The hash of a run that must have finished.</summary>
    public string Hash
    {
        get
        {
            ExitCode.ShouldBe(0, Errors);
            Last.Text("event").ShouldBe("finished");
            return Last.Text("weights_sha256");
        }
    }
}

/// <summary>Runs the real executable, which the project reference puts beside the tests.</summary>
public static class Command
{
    // Only so that a hang becomes a failure.
    static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    public static async Task<CommandResult> RunAsync(string folder, IReadOnlyList<string> arguments, params (string Name, string? Value)[] environment)
    {
        await using var running = Start(folder, arguments, environment);
        return await running.EndAsync();
    }

    public static Task<CommandResult> RunAsync(string folder, string arguments) => RunAsync(folder, arguments.Split(' '));

    public static RunningCommand Start(string folder, IReadOnlyList<string> arguments, params (string Name, string? Value)[] environment) =>
        new(Launch(folder, [], arguments, environment), s_limit);

    /// <summary>Starts the executable.</summary>
    /// <param name="folder">Working directory.</param>
    /// <param name="prefix">A command that replaces itself by the one that follows; may be empty.</param>
    /// <param name="arguments">What the executable is told.</param>
    /// <param name="environment">Variables on top of this process's; null takes one away.</param>
    public static Process Launch(
        string folder, IReadOnlyList<string> prefix, IReadOnlyList<string> arguments, params (string Name, string? Value)[] environment)
    {
        // A shell without job control starts its background jobs, and so perhaps these tests, with SIGINT ignored, and children inherit that.
        string[] signals = OperatingSystem.IsLinux() ? ["/usr/bin/env", "--default-signal=INT,TERM"] : [];
        string[] command = [.. prefix, .. signals, Executable];
        var start = new ProcessStartInfo(command[0], [.. command[1..], .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public static JsonElement Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.Clone();
    }

    public static string Text(this JsonElement json, string name) => json.GetProperty(name).GetString()!;

    public static long Whole(this JsonElement json, string name) => json.GetProperty(name).GetInt64();

    public static double Number(this JsonElement json, string name) => json.GetProperty(name).GetDouble();

    /// <summary>The real executable.</summary>
    public static string Executable => Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "lstm-cluster.exe" : "lstm-cluster");
}
