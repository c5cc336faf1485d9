using System.Globalization;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Files of a run directory that a coordinator of before was writing when it ended.</summary>
static class RunLeftovers
{
    static readonly string[] s_names = [RunDirectory.MetricsFile, RunDirectory.WeightsFile];

    /// <summary>Removes those of earlier terms.</summary>
    /// <param name="files">Behind the fence.</param>
    /// <param name="run">The run directory.</param>
    /// <param name="term">The present term.</param>
    /// <exception cref="IOException">The file system failed.</exception>
    public static void Remove(IRunFiles files, string run, Term term)
    {
        foreach (var name in files.List(run).Where(name => TermOf(name) is { } left && left < term.Value)) files.Delete(Path.Combine(run, name));
    }

    /// <summary>The term whose file it is; null for any other name.</summary>
    static long? TermOf(string name)
    {
        foreach (var target in s_names)
        {
            var prefix = Path.GetFileName(RunFilesExtensions.TemporaryPathOf(target, "t"));
            if (name.StartsWith(prefix, StringComparison.Ordinal)
                && long.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var term))
                return term;
        }

        return null;
    }
}
