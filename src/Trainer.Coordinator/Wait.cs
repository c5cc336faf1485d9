using System.Globalization;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Names of waits.</summary>
static class Wait
{
    /// <summary>A wait for a worker in words.</summary>
    public static string Words(Round round, Assignment assignment, TimeSpan limit) => string.Create(
        CultureInfo.InvariantCulture,
        $"{round}: no answer from {assignment.Worker.Name} for shard{(assignment.Open.Count == 1 ? "" : "s")} {string.Join(", ", assignment.Open)} within {limit.TotalSeconds:F1} s");
}
