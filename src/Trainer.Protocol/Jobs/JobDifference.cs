namespace LstmCluster.Protocol;

/// <summary>A key that two jobs differ in, though a resumed run must keep it.</summary>
/// <param name="Key">Full name of the key.</param>
/// <param name="Here">Its value in the job at hand.</param>
/// <param name="There">Its value in the run that is resumed.</param>
public sealed record JobDifference(string Key, string Here, string There)
{
    /// <summary>
    /// What differs of all that decides the model's shape, the data, the batches and the optimizer's state. Steps, rate, schedule,
    /// clipping, checkpoints and validation may change.
    /// </summary>
    /// <param name="here">The job at hand.</param>
    /// <param name="there">The job of the run that is resumed.</param>
    public static IReadOnlyList<JobDifference> Find(Job here, Job there)
    {
        var others = Facts(there).ToDictionary(f => f.Path);
        var differences = new List<JobDifference>();
        foreach (var fact in Facts(here))
        {
            // Keys that only one job has follow from a kind or a list that differs, which is a fact of its own.
            if (!fact.MayChange && others.TryGetValue(fact.Path, out var other) && other.Text != fact.Text)
                differences.Add(new JobDifference(fact.Path, fact.Text, other.Text));
        }

        return differences;
    }

    /// <summary>Refuses a job that does not continue a run.</summary>
    /// <param name="here">The job at hand.</param>
    /// <param name="there">The job of the run that is resumed.</param>
    /// <param name="therePath">Its file, for the message.</param>
    /// <exception cref="UserErrorException">They differ; the message names the first key.</exception>
    public static void RequireResumable(Job here, Job there, string therePath)
    {
        if (Find(here, there) is [var first, ..])
            throw new UserErrorException(first.Message(therePath));
    }

    /// <summary>The difference in words.</summary>
    /// <param name="therePath">Job file of the run that is resumed.</param>
    public string Message(string therePath) => $"{Key} is {Here} here but {There} in {therePath}: a resumed run keeps it";

    static List<JobFact> Facts(Job job)
    {
        var facts = new List<JobFact>();
        JobSchema.Job.Compare("", job, mayChange: false, facts);
        return facts;
    }
}
