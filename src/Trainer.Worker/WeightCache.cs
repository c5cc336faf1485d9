using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Weight versions prepared for one kind of device, once for all workers that share its memory.</summary>
/// <remarks>
/// Workers that adopt a version at the same time share the work of preparing it: each starts at another layer and skips
/// what is done. A version's memory is used again when its last lease is given back.
/// </remarks>
/// <param name="model">The model.</param>
/// <param name="device">A device of the kind; disposed with this. Where several workers share the cache it prepares different layers on several threads at once.</param>
/// <param name="pool">Where vectors are rented that are made of several servers' parts.</param>
/// <param name="shared">Puts versions together for the caches of several devices, and outlives this; null for one of its own.</param>
/// <param name="imports">What other devices of the process hold; null for none.</param>
public sealed class WeightCache(Model model, IDevice device, PayloadPool pool, WeightAssembly? shared = null, WeightImports? imports = null) : IWeightStore, IDisposable
{
    readonly Lock _lock = new();
    readonly WeightAssembly _assembly = shared ?? new(model.Parameters.Length, pool);
    readonly WeightImports _imports = imports ?? new();
    readonly List<Version> _versions = [];
    int _acquired;

    /// <summary>Where payloads are rented.</summary>
    public PayloadPool Pool => pool;

    /// <inheritdoc cref="WeightAssembly.Take"/>
    public WeightsPublished? Assemble(WeightsPublished part) => _assembly.Take(part);

    /// <inheritdoc cref="WeightAssembly.IsMissing"/>
    public bool IsMissing(WeightVersion version, ParameterRange slice) => _assembly.IsMissing(version, slice);

    /// <inheritdoc cref="WeightAssembly.Find"/>
    public WeightsPublished? Find(WeightVersion version) => _assembly.Find(version);

    /// <summary>Prepares published weights, or joins those who do.</summary>
    /// <param name="published">Whole weights: <see cref="Assemble"/>. Their reference is taken over.</param>
    public WeightLease Acquire(WeightsPublished published)
    {
        ArgumentNullException.ThrowIfNull(published);
        Version version;
        int turn;
        lock (_lock)
        {
            version = Find(published);
            turn = _acquired++;
        }

        var lease = new WeightLease(published.Version, version.Prepared, () => Return(version));
        try
        {
            version.Prepared.LoadShared(version.Imported!.All, published.Version.Value, firstLayer: turn);
            return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Frees all versions; leases must have been given back.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var version in _versions) version.Free();
            _versions.Clear();
            if (shared is null) _assembly.Dispose();
            device.Dispose();
        }
    }

    void Return(Version version)
    {
        lock (_lock)
        {
            if (--version.Leases == 0) version.Forget();
        }
    }

    Version Find(WeightsPublished published)
    {
        var version = _versions.Find(candidate => candidate.Leases > 0 && ReferenceEquals(candidate.Weights, published.Weights));
        if (version is not null)
        {
            published.Release();
        }
        else
        {
            version = _versions.Find(candidate => candidate.Leases == 0);
            if (version is null) _versions.Add(version = new Version(new ModelWeights(model, device, training: true), _imports));
            version.Weights = published.Weights;
            version.Imported = _imports.Import(published.Weights, device);
        }

        version.Leases++;
        return version;
    }

    sealed class Version(ModelWeights prepared, WeightImports imports)
    {
        public ModelWeights Prepared { get; } = prepared;

        public Payload<float>? Weights { get; set; }

        public DeviceBuffer? Imported { get; set; }

        public int Leases { get; set; }

        public void Forget()
        {
            Prepared.Unload();
            if (Imported is not null) imports.Free(Imported);
            Weights?.Release();
            (Imported, Weights) = (null, null);
        }

        public void Free()
        {
            Forget();
            Prepared.Dispose();
        }
    }
}
