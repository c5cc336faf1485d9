using System.Diagnostics;

namespace Cluster.Tests;

/// <summary>Commands of the operating system.</summary>
static class Shell
{
    /// <summary>Runs one that must succeed.</summary>
    /// <exception cref="InvalidOperationException">It failed; says how.</exception>
    public static void Require(params string[] command)
    {
        var (exit, errors) = Run(command);
        if (exit != 0) throw new InvalidOperationException($"{string.Join(' ', command)}: {errors}");
    }

    /// <summary>Runs one.</summary>
    /// <returns>Exit code, 127 where there is no such command, and what it wrote to standard error.</returns>
    public static (int Exit, string Errors) Run(params string[] command)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEnd();
            output.GetAwaiter().GetResult();
            process.WaitForExit();
            return (process.ExitCode, errors.Trim());
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return (127, missing.Message);
        }
    }
}
