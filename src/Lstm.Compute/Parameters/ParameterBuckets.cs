namespace LstmCluster.Compute;

/// <summary>The parameter vector cut into buckets: what gradients are sent in, and what parameter servers own runs of. A function of its length alone.</summary>
/// <remarks>A bucket is a run of whole <see cref="GradientNorm"/> blocks, so that sums over blocks do not depend on who owns which bucket.</remarks>
public static class ParameterBuckets
{
    /// <summary>1 MiB of floats: below that, the cost of a message shows.</summary>
    const int LeastLength = 1 << 18;

    const int MostBuckets = 64;

    /// <summary>The buckets, ascending; one, which may be empty, for a short vector.</summary>
    /// <param name="length">Elements of the vector.</param>
    public static IReadOnlyList<ParameterRange> Of(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var blocks = ((long)length + GradientNorm.BlockLength - 1) / GradientNorm.BlockLength;
        var count = (int)Math.Clamp(length / LeastLength, 1, MostBuckets);
        return [.. Enumerable.Range(0, count).Select(index => Blocks(blocks * index / count, blocks * (index + 1) / count, length))];
    }

    /// <summary>The parts of the vector that parameter servers own: runs of buckets, ascending, as even as they go.</summary>
    /// <param name="length">Elements of the vector.</param>
    /// <param name="servers">How many; more than there are buckets leave some without a part.</param>
    /// <returns>At most as many parts as asked for, none of them empty unless the vector is.</returns>
    public static IReadOnlyList<ParameterRange> Split(int length, int servers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(servers, 1);
        var buckets = Of(length);
        var count = Math.Min(servers, buckets.Count);
        return
        [
            .. Enumerable.Range(0, count).Select(index =>
            {
                var (first, last) = (buckets[index * buckets.Count / count], buckets[((index + 1) * buckets.Count / count) - 1]);
                return new ParameterRange(first.Offset, last.Offset + last.Length - first.Offset);
            }),
        ];
    }

    static ParameterRange Blocks(long first, long end, int length)
    {
        var offset = (int)Math.Min(first * GradientNorm.BlockLength, length);
        return new ParameterRange(offset, (int)Math.Min(end * GradientNorm.BlockLength, length) - offset);
    }
}
