using LstmCluster.Actors;

namespace LstmCluster.Simulation;

/// <summary>Draws from a seed, for one purpose: what is drawn for another purpose does not change it.</summary>
sealed class Dice
{
    SplitMix _bits;

    /// <param name="seed">The simulation's seed.</param>
    /// <param name="purpose">What is drawn for.</param>
    public Dice(ulong seed, string purpose) => _bits = new SplitMix(StableHash.Combine(StableHash.Mix(seed), StableHash.Of(purpose)));

    /// <summary>True with a probability.</summary>
    public bool Happens(double probability) => _bits.NextDouble() < probability;

    /// <summary>A number from 0 up to, but without, <paramref name="count"/>.</summary>
    public int Choose(int count) => _bits.Choose(count);

    /// <summary>A number between two, each as likely.</summary>
    public double Between(double least, double most) => least + ((most - least) * _bits.NextDouble());

    /// <summary>A number between two, each order of magnitude as likely.</summary>
    public double Magnitude(double least, double most) => least * Math.Pow(most / least, _bits.NextDouble());

    /// <summary>A span between two, in seconds, each order of magnitude as likely.</summary>
    public TimeSpan Span(double leastSeconds, double mostSeconds) => TimeSpan.FromSeconds(Magnitude(leastSeconds, mostSeconds));

    /// <summary>The next of events that come at random, so many seconds apart in the mean.</summary>
    public TimeSpan Wait(double meanSeconds) => TimeSpan.FromSeconds(-meanSeconds * Math.Log(1 - _bits.NextDouble()));

    /// <summary>A generator with this one's further draws as its seed.</summary>
    public Random Random() => new((int)(_bits.Next() & int.MaxValue));
}
