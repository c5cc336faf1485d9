namespace LstmCluster.Compute;

/// <summary>Philox 4x32-10, the counter-based generator of Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3" (SC11).</summary>
public static class Philox
{
    internal const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57;
    internal const uint Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;
    internal const int Rounds = 10;

    /// <summary>The key of one step of a job: two 64-bit numbers mixed into one by the finalizer of SplitMix64.</summary>
    public static ulong KeyOf(ulong seed, long step) => Mix(Mix(seed) + (ulong)step);

    /// <summary>Four random words for one counter.</summary>
    /// <param name="key">Both key words, the low one first.</param>
    /// <param name="x0">Counter word 0. Out: random word 0.</param>
    /// <param name="x1">Counter word 1. Out: random word 1.</param>
    /// <param name="x2">Counter word 2. Out: random word 2.</param>
    /// <param name="x3">Counter word 3. Out: random word 3.</param>
    public static void Block(ulong key, ref uint x0, ref uint x1, ref uint x2, ref uint x3)
    {
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        for (var round = 0; round < Rounds; round++)
        {
            var p0 = (ulong)Multiplier0 * x0;
            var p1 = (ulong)Multiplier1 * x2;
            (x0, x1, x2, x3) = ((uint)(p1 >> 32) ^ x1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ x3 ^ k1, (uint)p0);
            k0 += Weyl0;
            k1 += Weyl1;
        }
    }

    static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
