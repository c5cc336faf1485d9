namespace LstmCluster.Training;

/// <summary>How sequences are searched, by models that write some.</summary>
public sealed record PredictionOptions
{
    /// <summary>Beginnings kept at each step, at least 1.</summary>
    public int Beams { get; init; } = 5;

    /// <summary>Sequences handed out for each input, from 1 to <see cref="Beams"/>.</summary>
    public int Best { get; init; } = 1;

    /// <summary>From 0, which favours short sequences, to 10; 1 favours long ones.</summary>
    public double LengthPenalty { get; init; }
}
