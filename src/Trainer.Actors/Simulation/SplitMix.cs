namespace LstmCluster.Actors;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): the simulator's choices, from all 64 bits of the seed.</summary>
struct SplitMix(ulong seed)
{
    ulong _state = seed;

    /// <summary>A number from 0 up to, but without, <paramref name="count"/>.</summary>
    public int Choose(int count)
    {
        _state += 0x9E3779B97F4A7C15ul;
        return (int)Math.BigMul(StableHash.Mix(_state), (ulong)count, out _);
    }
}
