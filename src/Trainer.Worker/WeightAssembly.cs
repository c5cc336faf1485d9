using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Makes whole weight vectors of the parts that several parameter servers publish, once for all workers of a process.</summary>
/// <remarks>
/// Parts may come in any order, doubled, late, and by several workers of the process; each is copied once. A vector that comes whole, from a server that keeps
/// everything, is used as it is. May be called by several threads at once.
/// </remarks>
/// <param name="length">Elements of the whole vector.</param>
/// <param name="pool">Where whole vectors are rented.</param>
public sealed class WeightAssembly(int length, PayloadPool pool) : IDisposable
{
    /// <summary>Versions that may be incomplete at the same time: the one that is being published, and the next while a part of that one is late.</summary>
    const int MostPartial = 2;

    readonly Lock _lock = new();
    readonly Kind _weights = new(), _averages = new();

    /// <summary>Takes a part.</summary>
    /// <param name="part">The part; its reference is taken over.</param>
    /// <returns>The whole vector as soon as it is there, with a reference for the caller, and again for each part of it that comes later; null while a part is missing, or when newer weights are whole.</returns>
    /// <exception cref="ArgumentException">The part does not lie within the vector, or overlaps another one of its version.</exception>
    public WeightsPublished? Take(WeightsPublished part)
    {
        ArgumentNullException.ThrowIfNull(part);
        if (part.Slice == new ParameterRange(0, length)) return part;
        lock (_lock)
        {
            try
            {
                return Add(part);
            }
            finally
            {
                part.Release();
            }
        }
    }

    /// <summary>True when a part of a version is not there, neither by itself nor within newer weights.</summary>
    /// <param name="version">The version that is waited for.</param>
    /// <param name="slice">The part.</param>
    public bool IsMissing(WeightVersion version, ParameterRange slice)
    {
        lock (_lock)
        {
            var kind = Of(version);
            return !(kind.Whole?.Version.Value >= version.Value) && !kind.Partial.Exists(partial => partial.Version.Value >= version.Value && partial.Has(slice));
        }
    }

    /// <summary>A vector that was made whole of parts, whoever they came to, with a reference for the caller; null when it is not there.</summary>
    public WeightsPublished? Find(WeightVersion version)
    {
        lock (_lock)
        {
            return Of(version).Whole is { } whole && whole.Version == version ? Shared(whole) : null;
        }
    }

    /// <summary>Gives back what it holds.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _weights.Release();
            _averages.Release();
        }
    }

    Kind Of(WeightVersion version) => version.Averaged ? _averages : _weights;

    WeightsPublished? Add(WeightsPublished part)
    {
        if ((long)part.Slice.Offset + part.Slice.Length > length)
            throw new ArgumentException($"{part.Slice} does not lie within {length} parameters", nameof(part));
        var kind = Of(part.Version);
        if (kind.Whole is { } whole && whole.Version.Value >= part.Version.Value)
            return whole.Version == part.Version ? Shared(whole) : null;
        var partial = kind.Partial.Find(candidate => candidate.Version == part.Version) ?? Begin(kind, part.Version);
        if (partial is null || !partial.Copy(part) || partial.Copied < length) return null;
        Complete(kind, partial, part.Term);
        return Shared(kind.Whole!);
    }

    Partial? Begin(Kind kind, WeightVersion version)
    {
        if (kind.Partial.Count == MostPartial)
        {
            var oldest = kind.Partial.MinBy(candidate => candidate.Version.Value)!;
            if (oldest.Version.Value > version.Value) return null;
            kind.Partial.Remove(oldest);
            oldest.Vector.Release();
        }

        var partial = new Partial(version, pool.Rent<float>(length));
        kind.Partial.Add(partial);
        return partial;
    }

    void Complete(Kind kind, Partial partial, Term term)
    {
        kind.Partial.Remove(partial);
        kind.DropPartial(older: partial.Version.Value);
        kind.Whole?.Release();
        kind.Whole = new WeightsPublished(partial.Version, new ParameterRange(0, length), partial.Vector) { Term = term };

        // The average of older weights is asked of nobody any more.
        if (!partial.Version.Averaged && _averages.Whole?.Version.Value < partial.Version.Value) _averages.Release();
    }

    static WeightsPublished Shared(WeightsPublished whole) => whole with { Weights = whole.Weights.Retain() };

    /// <summary>The weights, or their average.</summary>
    sealed class Kind
    {
        public List<Partial> Partial { get; } = [];

        public WeightsPublished? Whole { get; set; }

        public void DropPartial(long older)
        {
            foreach (var partial in Partial.Where(partial => partial.Version.Value < older)) partial.Vector.Release();
            Partial.RemoveAll(partial => partial.Version.Value < older);
        }

        public void Release()
        {
            DropPartial(long.MaxValue);
            Whole?.Release();
            Whole = null;
        }
    }

    /// <summary>A version of which parts are missing.</summary>
    sealed class Partial(WeightVersion version, Payload<float> vector)
    {
        readonly List<ParameterRange> _parts = [];

        public WeightVersion Version => version;

        public Payload<float> Vector => vector;

        public int Copied { get; private set; }

        public bool Has(ParameterRange slice) => _parts.Contains(slice);

        /// <returns>False when the part is there already.</returns>
        public bool Copy(WeightsPublished part)
        {
            var slice = part.Slice;
            if (Has(slice)) return false;
            if (_parts.Exists(other => slice.Offset < other.Offset + other.Length && other.Offset < slice.Offset + slice.Length))
                throw new ArgumentException($"{slice} of {version} overlaps another part", nameof(part));
            part.Weights.Span.CopyTo(vector.Span.Slice(slice.Offset, slice.Length));
            _parts.Add(slice);
            Copied += slice.Length;
            return true;
        }
    }
}
