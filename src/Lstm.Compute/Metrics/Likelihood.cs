namespace LstmCluster.Compute;

/// <summary>A mean cross-entropy in the units that are customary.</summary>
public static class Likelihood
{
    /// <summary>Among how many equally likely tokens the choice would be as hard.</summary>
    /// <param name="nats">Mean cross-entropy of a token, in nats.</param>
    public static double Perplexity(double nats) => Math.Exp(nats);

    /// <summary>The cross-entropy in bits: bits per character where tokens are characters.</summary>
    /// <param name="nats">Mean cross-entropy of a token, in nats.</param>
    public static double Bits(double nats) => nats / Math.Log(2);
}
