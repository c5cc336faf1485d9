namespace LstmCluster.Compute;

/// <summary>Random numbers of one purpose, addressed by position: number k is the same whoever asks, in whatever order.</summary>
/// <param name="seed">The job's seed.</param>
/// <param name="stream">The purpose, such as the index of a tensor.</param>
public readonly struct RandomSequence(ulong seed, uint stream)
{
    /// <summary>Number <paramref name="position"/>, uniform in [0,1) with 32 bits.</summary>
    public double Uniform(long position)
    {
        var block = position >> 2;
        uint x0 = (uint)block, x1 = (uint)(block >> 32), x2 = 0, x3 = stream;
        Philox.Block(Philox.KeyOf(seed, -1), ref x0, ref x1, ref x2, ref x3);
        var word = (position & 3) switch { 0 => x0, 1 => x1, 2 => x2, _ => x3 };
        return word / 4294967296.0;
    }

    /// <summary>Normal number <paramref name="position"/> with mean zero (Box and Muller 1958), made of uniform numbers 2p and 2p+1.</summary>
    /// <param name="position">p.</param>
    /// <param name="deviation">Standard deviation.</param>
    public double Normal(long position, double deviation)
    {
        // Subtracting from one keeps the logarithm's argument above zero.
        var radius = Math.Sqrt(-2 * PortableMath.Log(1 - Uniform(2 * position)));
        return deviation * radius * PortableMath.CosPi(2 * Uniform((2 * position) + 1));
    }
}
