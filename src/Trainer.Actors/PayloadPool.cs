using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace LstmCluster.Actors;

/// <summary>Keeps released payloads for the next one of the same type and length, so that a steady state allocates nothing.</summary>
/// <remarks>Training uses a few lengths over and over; each keeps at most <paramref name="keepPerLength"/> idle blocks.</remarks>
/// <param name="keepPerLength">Idle blocks kept for each type and length; further ones are freed at once.</param>
public sealed class PayloadPool(int keepPerLength = 32) : IDisposable
{
    readonly ConcurrentDictionary<(Type Type, int Length), Shelf> _shelves = new();
    volatile bool _disposed;
    int _rented;

    /// <summary>Payloads that are in use now. For assertions: another thread may change it at any time.</summary>
    public int Rented => Volatile.Read(ref _rented);

    /// <summary>Rents a payload with one reference. Its content is undefined.</summary>
    /// <param name="length">Number of elements.</param>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public Payload<T> Rent<T>(int length)
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var payload = TakeIdle<T>(length) ?? new Payload<T>(length, this);
        Interlocked.Increment(ref _rented);
        return payload;
    }

    /// <summary>Rents a payload and fills it.</summary>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
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

    /// <summary>Takes a payload without references back; false when its memory is to be freed.</summary>
    internal bool TryReturn<T>(Payload<T> payload)
        where T : unmanaged
    {
        Interlocked.Decrement(ref _rented);
        if (_disposed) return false;
        var shelf = _shelves.GetOrAdd((typeof(T), payload.Length), static _ => new Shelf());
        if (!shelf.TryPut(payload, keepPerLength)) return false;

        // Dispose may have passed this shelf by just before.
        if (_disposed) shelf.Clear();
        return true;
    }

    Payload<T>? TakeIdle<T>(int length)
        where T : unmanaged
    {
        if (!_shelves.TryGetValue((typeof(T), length), out var shelf) || !shelf.TryTake(out var idle)) return null;
        idle.Revive();
        return (Payload<T>)idle;
    }

    /// <summary>The idle payloads of one type and length. A plain stack under a lock: it allocates nothing once it has grown.</summary>
    sealed class Shelf
    {
        readonly Stack<IPooled> _idle = new();
        readonly Lock _gate = new();

        public bool TryTake([MaybeNullWhen(false)] out IPooled payload)
        {
            lock (_gate) return _idle.TryPop(out payload);
        }

        public bool TryPut(IPooled payload, int keep)
        {
            lock (_gate)
            {
                if (_idle.Count >= keep) return false;
                _idle.Push(payload);
                return true;
            }
        }

        public void Clear()
        {
            lock (_gate)
            {
                while (_idle.TryPop(out var payload)) payload.Free();
            }
        }
    }
}
