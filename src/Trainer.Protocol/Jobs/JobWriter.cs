namespace LstmCluster.Protocol;

/// <summary>Writes a job as a job file.</summary>
public static class JobWriter
{
    /// <summary>The job as YAML with every default filled in; <see cref="JobReader.Parse"/> gives an equal job back.</summary>
    /// <param name="job">The job.</param>
    public static string Write(Job job) => NodeText.Block(JobSchema.Job.Write(job));
}
