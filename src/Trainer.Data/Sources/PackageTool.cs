using System.ComponentModel;
using System.Diagnostics;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Runs a program of the system's package manager, with errors in words that help.</summary>
/// <param name="source">What is fetched, for the messages.</param>
/// <param name="instead">What a person can do instead.</param>
/// <param name="limit">Time after which a call is given up.</param>
/// <param name="workingDirectory">Where it runs.</param>
sealed class PackageTool(DataSource source, string instead, TimeSpan limit, string workingDirectory)
{
    /// <summary>Runs a program to its end.</summary>
    /// <param name="command">The program.</param>
    /// <param name="arguments">What it is told.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="output">File that takes its output; null to drop it.</param>
    /// <exception cref="UserErrorException">It is missing, takes too long, or fails.</exception>
    public async Task RunAsync(string command, IReadOnlyList<string> arguments, CancellationToken cancellation, string? output = null)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(limit);
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception error)
        {
            throw new UserErrorException($"data.source {source}: {command} cannot be started, which Debian and its relatives have; {instead}", error);
        }

        try
        {
            process.StandardInput.Close();
            await using Stream target = output is null ? Stream.Null : File.Create(output);
            var errors = process.StandardError.ReadToEndAsync(limited.Token);
            await Task.WhenAll(process.StandardOutput.BaseStream.CopyToAsync(target, limited.Token), errors, process.WaitForExitAsync(limited.Token));
            if (process.ExitCode != 0) throw Error($"{command} failed with exit code {process.ExitCode} ({LastLine(await errors)})");
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new UserErrorException($"data.source {source}: {command} did not finish within {limit.TotalSeconds:0.#} s; {instead}", error);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>An error about this source.</summary>
    public UserErrorException Error(string message) => new($"data.source {source}: {message}; {instead}");

    static string LastLine(string text) => text.Trim() is { Length: > 0 } trimmed ? trimmed.Split('\n')[^1].Trim() : "no message";
}
