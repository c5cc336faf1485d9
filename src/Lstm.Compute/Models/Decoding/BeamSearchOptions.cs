namespace LstmCluster.Compute;

/// <summary>How a <see cref="BeamSearch"/> chooses. One beam is greedy decoding.</summary>
public sealed record BeamSearchOptions
{
    /// <summary>Prefixes kept at each step, at least 1.</summary>
    public int Beams { get; init; } = 1;

    /// <summary>Most tokens of a hypothesis, its end token among them; at least 1.</summary>
    public required int MaxSteps { get; init; }

    /// <summary>alpha: log-probabilities are compared after division by <c>((5 + length)/6)^alpha</c> (Wu et al. 2016); 0 favours short hypotheses, 1 long ones.</summary>
    public double LengthPenalty { get; init; }

    /// <summary>Hypotheses that are handed out for each sentence, from 1 to <see cref="Beams"/>.</summary>
    public int Best { get; init; } = 1;

    /// <summary>By what a log-probability is divided at a length.</summary>
    /// <param name="length">Tokens, the end token among them.</param>
    public double Penalty(int length) => LengthPenalty == 0 ? 1 : PortableMath.Exp(LengthPenalty * PortableMath.Log((5 + length) / 6.0));

    /// <exception cref="ArgumentOutOfRangeException">An option lies outside of its range.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Beams, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSteps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Best, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Best, Beams);

        // A negative penalty would let a hypothesis gain by every further token, so that no search could end early.
        if (!(LengthPenalty is >= 0 and <= 10)) throw new ArgumentOutOfRangeException(nameof(LengthPenalty), LengthPenalty, "must be from 0 to 10");
    }
}
