using System.Diagnostics.CodeAnalysis;

namespace LstmCluster.Actors;

/// <summary>One object for each key for as long as anybody holds it, so that what has one identity is one object.</summary>
sealed class WeakTable<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    const int FirstPurge = 256;

    readonly Dictionary<TKey, WeakReference<TValue>> _entries = [];
    readonly Lock _gate = new();
    int _purgeAt = FirstPurge;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        lock (_gate)
        {
            value = null;
            return _entries.TryGetValue(key, out var entry) && entry.TryGetTarget(out value);
        }
    }

    public TValue GetOrAdd<TState>(TKey key, TState state, Func<TKey, TState, TValue> create)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var entry) && entry.TryGetTarget(out var value)) return value;
            Purge();
            value = create(key, state);
            _entries[key] = new WeakReference<TValue>(value);
            return value;
        }
    }

    /// <summary>Entries, those of forgotten objects included. For assertions.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _entries.Count;
        }
    }

    /// <summary>Drops the entries of objects that are gone whenever the table has doubled since the last time.</summary>
    void Purge()
    {
        if (_entries.Count < _purgeAt) return;
        foreach (var (key, entry) in _entries)
        {
            if (!entry.TryGetTarget(out _)) _entries.Remove(key);
        }

        _purgeAt = Math.Max(FirstPurge, 2 * _entries.Count);
    }
}
