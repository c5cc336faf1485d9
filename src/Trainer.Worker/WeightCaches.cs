using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>The weights of a process: each version is put together once, and prepared once for each device, however many workers compute on it.</summary>
/// <remarks>Threads of the processor are one device here: they share its memory.</remarks>
/// <param name="model">The model.</param>
/// <param name="pool">Where vectors are rented that are made of several servers' parts.</param>
public sealed class WeightCaches(Model model, PayloadPool pool) : IDisposable
{
    readonly Lock _lock = new();
    readonly Dictionary<string, WeightCache> _caches = [];
    readonly WeightImports _imports = new();

    /// <summary>Puts versions together of which several servers publish parts.</summary>
    public WeightAssembly Assembly { get; } = new(model.Parameters.Length, pool);

    /// <summary>Where workers of a device prepare their weights.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="open">Opens the device.</param>
    public IWeightStore For(string name, Func<IDevice> open)
    {
        ArgumentNullException.ThrowIfNull(open);
        lock (_lock)
        {
            if (!_caches.TryGetValue(name, out var cache)) _caches.Add(name, cache = new WeightCache(model, open(), pool, Assembly, _imports));
            return cache;
        }
    }

    /// <summary>Frees all versions; leases must have been given back.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var cache in _caches.Values) cache.Dispose();
            _caches.Clear();
            Assembly.Dispose();
        }
    }
}
