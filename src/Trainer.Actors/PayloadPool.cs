using System.Collections.Concurrent;

namespace LstmCluster.Actors;

/// <summary>Keeps released payloads for the next one of the same type and length, so that a steady state allocates nothing.</summary>
/// <remarks>Training uses a few lengths over and over; each keeps at most <paramref name="keepPerLength"/> idle blocks.</remarks>
/// <param name="keepPerLength">Idle blocks kept for each type and length; further ones are freed at once.</param>
public sealed class PayloadPool(int keepPerLength = 32) : IDisposable
{
    readonly ConcurrentDictionary<(Type Type, int Length), Shelf> _shelves = new();
    volatile bool _disposed;

    /// <summary>Rents a payload with one reference. Its content is undefined.</summary>
    /// <param name="length">Number of elements.</param>
    public Payload<T> Rent<T>(int length)
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_shelves.TryGetValue((typeof(T), length), out var shelf) && shelf.TryTake(out var idle))
        {
            var payload = (Payload<T>)idle;
            payload.Revive();
            return payload;
        }

        return new Payload<T>(length, this);
    }

    /// <summary>Rents a payload and fills it.</summary>
    public Payload<T> Copy<T>(ReadOnlySpan<T> content)
        where T : unmanaged
    {
        var payload = Rent<T>(content.Length);
        content.CopyTo(payload.Span);
        return payload;
    }

    /// <summary>Frees the idle payloads; those still in use are freed by their last release.</summary>
    public void Dispose()
    {
        _disposed = true;
        foreach (var shelf in _shelves.Values) shelf.Clear();
    }

    internal bool TryReturn<T>(Payload<T> payload)
        where T : unmanaged
    {
        if (_disposed) return false;
        var shelf = _shelves.GetOrAdd((typeof(T), payload.Length), static _ => new Shelf());
        return shelf.TryPut(payload, payload.Free, keepPerLength);
    }

    /// <summary>The idle payloads of one type and length. A plain stack under a lock: it allocates nothing once it has grown.</summary>
    sealed class Shelf
    {
        readonly Stack<(object Payload, Action Free)> _idle = new();

        public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out object? payload)
        {
            lock (_idle)
            {
                var found = _idle.TryPop(out var entry);
                payload = entry.Payload;
                return found;
            }
        }

        public bool TryPut(object payload, Action free, int keep)
        {
            lock (_idle)
            {
                if (_idle.Count >= keep) return false;
                _idle.Push((payload, free));
                return true;
            }
        }

        public void Clear()
        {
            lock (_idle)
            {
                while (_idle.TryPop(out var entry)) entry.Free();
            }
        }
    }
}
