using System.Text.Json.Serialization;

namespace LstmCluster.Protocol;

/// <summary>
/// What the validations of a run have shown so far. It is part of every checkpoint, so that the best weights and an early end come out the same however often the run is resumed.
/// </summary>
/// <param name="Metric">What they are judged by, in words.</param>
/// <param name="LastStep">Step after which the last one was that counts here.</param>
public sealed record ValidationHistory(string Metric, long LastStep)
{
    /// <summary>Step after which the best one was; null while none had a figure.</summary>
    public long? BestStep { get; init; }

    /// <summary>Figure of the best one.</summary>
    public double? Best { get; init; }

    /// <summary>Loss of the best one, which may be another figure than what it was judged by.</summary>
    public double? BestLoss { get; init; }

    /// <summary>Figure of the best one of all where its weights are gone, so that <see cref="Best"/> is only the best one since: an early end counts from it. Null where nothing is lost.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LostBest { get; init; }

    /// <summary>Validations since the best one of all.</summary>
    public int SinceBest { get; init; }

    /// <summary>The same where the weights of the best one are not there: what is best is sought anew, and an early end comes when it would have come.</summary>
    public ValidationHistory WithoutBest() => this with { BestStep = null, Best = null, BestLoss = null, LostBest = LostBest ?? Best };

    /// <summary>True when this says more than what another one of the same step says, or what the present job asks for and that one does not.</summary>
    /// <param name="other">The other one; null for nothing.</param>
    public bool Supersedes(ValidationHistory? other) => this != other && (other?.Metric != Metric || LastStep >= other.LastStep);
}
