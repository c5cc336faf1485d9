using LstmCluster.Compute;

namespace LstmCluster.Data;

/// <summary>In which order the samples of each pass are drawn: a shuffle that is a pure function of seed and epoch.</summary>
/// <remarks>The shuffle of Fisher and Yates with numbers of Philox, keyed apart from those of the steps' masks.</remarks>
/// <param name="seed">The job's seed.</param>
/// <param name="count">Number of samples.</param>
public sealed class EpochOrder(ulong seed, int count)
{
    readonly LengthBuckets? _buckets;

    /// <summary>The order of a set's samples, with rows of like length together where its job says so.</summary>
    /// <param name="seed">The job's seed.</param>
    /// <param name="set">The samples.</param>
    public EpochOrder(ulong seed, SampleSet set)
        : this(seed, (set ?? throw new ArgumentNullException(nameof(set))).Count) => _buckets = set.Buckets();

    // Masks are keyed by steps from 1 on, and initial weights by -1.
    const long LastEpochKey = -2;

    // The third counter word, so that further purposes can have numbers of their own.
    const uint ShuffleStream = 0;

    readonly int[] _order = new int[count];
    long _epoch = -1;

    /// <summary>The samples of a pass in the order in which they are drawn.</summary>
    /// <param name="epoch">The pass, from 0.</param>
    /// <returns>Each of 0..count-1 once. Valid until another epoch is asked for.</returns>
    public ReadOnlySpan<int> Of(long epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        if (epoch != _epoch) Shuffle(epoch);
        return _order;
    }

    void Shuffle(long epoch)
    {
        var key = Philox.KeyOf(seed, LastEpochKey - epoch);
        for (var index = 0; index < count; index++) _order[index] = index;
        for (var last = count - 1; last > 0; last--)
        {
            var other = Below(last + 1, key, (uint)last);
            (_order[last], _order[other]) = (_order[other], _order[last]);
        }

        _buckets?.Sort(_order, key);
        _epoch = epoch;
    }

    /// <summary>A number in 0..limit-1. Of 64 random bits the product's high half is even enough: no number is favoured by more than limit/2^64.</summary>
    internal static int Below(int limit, ulong key, uint position, uint stream = ShuffleStream)
    {
        uint x0 = position, x1 = 0, x2 = stream, x3 = 0;
        Philox.Block(key, ref x0, ref x1, ref x2, ref x3);
        return (int)Math.BigMul(((ulong)x1 << 32) | x0, (ulong)limit, out _);
    }
}
