namespace LstmCluster.Actors;

/// <summary>Hashes that are the same in every process and release, unlike <see cref="string.GetHashCode()"/>.</summary>
static class StableHash
{
    /// <summary>FNV-1a over UTF-16 code units (Fowler, Noll, Vo), finished by <see cref="Mix"/>.</summary>
    public static ulong Of(string text)
    {
        var hash = 14695981039346656037ul;
        foreach (var unit in text) hash = (hash ^ unit) * 1099511628211ul;
        return Mix(hash);
    }

    /// <summary>Folds one more value into a hash; the order matters.</summary>
    public static ulong Combine(ulong hash, ulong value) => Mix((hash * 0x9E3779B97F4A7C15ul) + value);

    /// <summary>The finisher of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ul;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBul;
        return value ^ (value >> 31);
    }

    /// <summary>The random stream of one actor. <see cref="Random(int)"/> keeps its sequence for a seed across releases.</summary>
    public static Random RandomFor(ulong seed, string path)
    {
        var hash = Combine(Mix(seed), Of(path));
        return new Random((int)(hash ^ (hash >> 32)));
    }
}
