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

    /// <summary>Validations since the best one.</summary>
    public int SinceBest { get; init; }
}
