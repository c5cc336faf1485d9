namespace LstmCluster.Protocol;

/// <summary>Whether an average of the weights is kept and used instead of the last ones. Each way is a record of its own.</summary>
public abstract record AverageOptions;

/// <summary>The last weights are used (<c>average: none</c>).</summary>
public sealed record NoAverage : AverageOptions;

/// <summary>An exponential moving average is used (<c>average: { decay: 0.999 }</c>).</summary>
/// <param name="Decay">Share of the average that a step keeps.</param>
public sealed record AverageByDecay(double Decay) : AverageOptions;
