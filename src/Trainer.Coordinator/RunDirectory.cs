namespace LstmCluster.Training;

/// <summary>Names within a run directory.</summary>
public static class RunDirectory
{
    /// <summary>The job as resolved.</summary>
    public const string JobFile = "job.yaml";

    /// <summary>One event a line.</summary>
    public const string MetricsFile = "metrics.jsonl";

    /// <summary>Where the process that trains has its pages; there while it does.</summary>
    public const string PagesFile = "pages.json";

    /// <summary>The weights at the end; also the name within a checkpoint.</summary>
    public const string WeightsFile = "weights.safetensors";

    /// <summary>Above which error a row of a table is out of the ordinary; there once a run of <c>anomaly</c> has ended.</summary>
    public const string ThresholdsFile = "thresholds.json";
}
