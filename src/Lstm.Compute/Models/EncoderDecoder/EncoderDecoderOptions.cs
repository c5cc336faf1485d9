namespace LstmCluster.Compute;

/// <summary>
/// Scheduled sampling (Bengio et al. 2015): in training the decoder sees its own best class of the step before instead of the right one, at each step with some probability.
/// </summary>
/// <param name="Rate">Probability from 0 to 1; <see cref="EncoderDecoderRun.SamplingRate"/> changes it from step to step.</param>
/// <param name="Stream">Which mask of the step decides: unique within the model.</param>
/// <exception cref="ArgumentOutOfRangeException">The rate is not in 0..1.</exception>
public sealed record ScheduledSampling(float Rate, uint Stream)
{
    /// <summary>Probability, from 0 to 1.</summary>
    public float Rate { get; init => field = Checked(value); } = Checked(Rate);

    static float Checked(float rate) => rate is >= 0 and <= 1 ? rate : throw new ArgumentOutOfRangeException(nameof(rate), rate, "must be from 0 to 1");
}

/// <summary>What an <see cref="EncoderDecoder"/> does beside its layers.</summary>
public sealed record EncoderDecoderOptions
{
    /// <summary>Class that the decoder sees before its first step.</summary>
    public required int StartToken { get; init; }

    /// <summary>Class that ends a target sequence.</summary>
    public required int EndToken { get; init; }

    /// <summary>How the decoder looks at the source; null when only the encoder's final states reach it (Sutskever, Vinyals and Le 2014).</summary>
    public Attention? Attention { get; init; }

    /// <summary>True to put the attentional vector of the step before beside each token's vector (Luong, Pham and Manning 2015).</summary>
    public bool InputFeeding { get; init; }

    /// <summary>Scheduled sampling; null to show the right classes always (teacher forcing).</summary>
    public ScheduledSampling? Sampling { get; init; }

    /// <summary>What training makes small.</summary>
    public CrossEntropy Loss { get; init; } = new();
}
