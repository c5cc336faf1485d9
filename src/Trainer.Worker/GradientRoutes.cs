using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The pieces that a gradient vector is sent in, and the way of each to whoever sums it.</summary>
/// <remarks>A piece is what one of the <see cref="ParameterBuckets"/> and one parameter server's slice have in common.</remarks>
sealed class GradientRoutes
{
    readonly (ActorRef Server, bool Narrow)[] _ways;

    /// <summary>Cuts a vector.</summary>
    /// <param name="length">Elements of the vector.</param>
    /// <param name="servers">Who sums, by slice, ascending; together all of the vector.</param>
    /// <param name="isApart">True when every server is in another process; else those are whose address has an endpoint.</param>
    /// <param name="precision">What gradients are rounded to, which other processes get in as few bytes as it needs.</param>
    /// <exception cref="ArgumentException">The slices do not follow each other, or are not all of the vector.</exception>
    public GradientRoutes(int length, IReadOnlyList<ParameterServerAddress> servers, bool isApart, GradientPrecision precision)
    {
        var buckets = ParameterBuckets.Of(length);
        var (next, pieces, ways) = (0, new List<ParameterRange>(), new List<(ActorRef, bool)>());
        foreach (var address in servers)
        {
            var slice = address.Slice;
            if (slice.Offset != next) throw new ArgumentException($"a parameter server begins with element {slice.Offset} where the one before ends with {next}", nameof(servers));
            next += slice.Length;
            var narrow = precision == GradientPrecision.Bf16 && (isApart || address.Endpoint is not null);
            foreach (var piece in buckets.Select(bucket => CommonPart(bucket, slice)).Where(piece => piece.Length > 0))
            {
                pieces.Add(piece);
                ways.Add((address.Server, narrow));
            }
        }

        if (next != length) throw new ArgumentException($"the parameter servers keep {next} of {length} parameters", nameof(servers));
        (Pieces, _ways) = ([.. pieces], [.. ways]);
    }

    /// <summary>The pieces, ascending; together all of the vector.</summary>
    public ParameterRange[] Pieces { get; }

    /// <summary>Sends a piece to the parameter server that keeps it.</summary>
    /// <param name="push">The piece, in single precision; its reference is handed over.</param>
    /// <param name="pool">Where 16-bit forms are rented.</param>
    /// <param name="context">Who sends.</param>
    /// <exception cref="MailboxFullException">The server does not take it; it was given back.</exception>
    public void Send(PushGradient push, PayloadPool pool, IActorContext context)
    {
        var (server, narrow) = _ways[Array.IndexOf(Pieces, push.Slice)];
        context.Send(server, narrow && push.Gradient.Singles is { } singles ? push with { Gradient = GradientPart.Narrow(singles, pool) } : push);
    }

    static ParameterRange CommonPart(ParameterRange bucket, ParameterRange slice)
    {
        var (first, end) = (Math.Max(bucket.Offset, slice.Offset), Math.Min(bucket.Offset + bucket.Length, slice.Offset + slice.Length));
        return new ParameterRange(first, Math.Max(0, end - first));
    }
}
