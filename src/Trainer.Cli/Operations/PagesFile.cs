using System.Text.Json;
using LstmCluster.Training;

namespace LstmCluster.Cli.Operations;

/// <summary>pages.json in a run directory: where the process that trains there has its pages.</summary>
/// <param name="Address">Base address of the pages.</param>
/// <param name="Machine">The machine's name.</param>
/// <param name="Process">The process's number.</param>
sealed record PagesFile(string Address, string Machine, int Process)
{
    static readonly JsonSerializerOptions s_options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>This process's.</summary>
    public static PagesFile Of(Uri address) => new(address.ToString(), Environment.MachineName, Environment.ProcessId);

    /// <summary>Reads it.</summary>
    /// <returns>Null when there is none, or none that can be read.</returns>
    public static PagesFile? Read(string run)
    {
        try
        {
            return JsonSerializer.Deserialize<PagesFile>(File.ReadAllText(PathIn(run)), s_options);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Leaves it in a run directory.</summary>
    /// <returns>Why it could not be; null when it was.</returns>
    public string? Write(string run)
    {
        try
        {
            // Whole or not at all: a reader may come at any time.
            var temporary = PathIn(run) + ".tmp";
            File.WriteAllText(temporary, JsonSerializer.Serialize(this, s_options) + '\n');
            File.Move(temporary, PathIn(run), overwrite: true);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
    }

    /// <summary>Takes it away, unless another process has left its own. One that cannot be taken away does no harm: its pages do not answer.</summary>
    public void Remove(string run)
    {
        if (Read(run) != this) return;
        try
        {
            File.Delete(PathIn(run));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            ProcessLog.Current.Error($"{PathIn(run)} could not be removed: {error.Message}");
        }
    }

    static string PathIn(string run) => Path.Combine(run, RunDirectory.PagesFile);
}
