namespace LstmCluster.Protocol;

/// <summary>One key of a job file, as the documentation's table has it.</summary>
/// <param name="Path">Full name; <c>[]</c> stands for any position of a list.</param>
/// <param name="Type">Type of the value.</param>
/// <param name="Default">The default in backquotes, <c>required</c>, or words.</param>
/// <param name="Meaning">What it is.</param>
/// <param name="Range">Allowed values.</param>
public sealed record JobKeyDescription(string Path, string Type, string Default, string Meaning, string Range)
{
    /// <summary>The key's line of the table in docs/job-file.md.</summary>
    public string ToTableRow() => $"| `{Path}` | {Type} | {Default} | {Meaning} | {Range} |";
}

/// <summary>Every key of a job file.</summary>
public static class JobKeys
{
    /// <summary>The keys, in the order of the file.</summary>
    public static IReadOnlyList<JobKeyDescription> All { get; } = Describe();

    static List<JobKeyDescription> Describe()
    {
        var keys = new List<JobKeyDescription>();
        JobSchema.Job.Describe("", keys);
        return keys;
    }
}
