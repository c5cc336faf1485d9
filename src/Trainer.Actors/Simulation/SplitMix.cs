namespace LstmCluster.Actors;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): the simulator's choices, from all 64 bits of the seed.</summary>
struct SplitMix(ulong seed)
{
    ulong _state = seed;

    /// <summary>64 random bits.</summary>
    public ulong Next() => StableHash.Mix(_state += 0x9E3779B97F4A7C15ul);

    /// <summary>A number from 0 up to, but without, <paramref name="count"/>.</summary>
    public int Choose(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);

    /// <summary>A number from 0 up to, but without, 1.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1ul << 53));

    /// <summary>A span from zero up to, but without, <paramref name="limit"/>.</summary>
    public TimeSpan NextSpan(TimeSpan limit) => new((long)(limit.Ticks * NextDouble()));
}
