namespace LstmCluster.Compute;

/// <summary>A part of the parameter vector with the buckets in it: what one parameter server keeps.</summary>
public sealed class ParameterSlice
{
    /// <summary>A part cut into given buckets.</summary>
    /// <param name="range">The part, from the beginning of a <see cref="GradientNorm"/> block.</param>
    /// <param name="buckets">Runs of whole blocks, ascending, that make up the part; the last one may end within a block.</param>
    /// <exception cref="ArgumentException">The buckets do not make up the part, or do not begin with blocks.</exception>
    public ParameterSlice(ParameterRange range, IReadOnlyList<ParameterRange> buckets)
    {
        ArgumentNullException.ThrowIfNull(buckets);
        var end = range.Offset;
        foreach (var bucket in buckets)
        {
            if (bucket.Offset != end || bucket.Offset % GradientNorm.BlockLength != 0)
                throw new ArgumentException($"a bucket at {bucket.Offset} where one begins at {end}, with a block of {GradientNorm.BlockLength}", nameof(buckets));
            end += bucket.Length;
        }

        if (end != range.Offset + range.Length) throw new ArgumentException($"buckets up to {end} in a part up to {range.Offset + range.Length}", nameof(buckets));
        (Range, Buckets) = (range, buckets);
    }

    /// <summary>The part.</summary>
    public ParameterRange Range { get; }

    /// <summary>Its buckets, ascending, without gaps; at least one.</summary>
    public IReadOnlyList<ParameterRange> Buckets { get; }

    /// <summary>The buckets of a vector (<see cref="ParameterBuckets"/>) as far as they lie in a part of it.</summary>
    /// <param name="length">Elements of the whole vector.</param>
    /// <param name="range">The part, from the beginning of a block.</param>
    public static ParameterSlice Of(int length, ParameterRange range)
    {
        var buckets = new List<ParameterRange>();
        foreach (var bucket in ParameterBuckets.Of(length))
            if (bucket.Within(range) is { Length: > 0 } part)
                buckets.Add(part);
        return new ParameterSlice(range, buckets.Count > 0 ? buckets : [range]);
    }
}
