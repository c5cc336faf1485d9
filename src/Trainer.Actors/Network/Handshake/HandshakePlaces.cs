namespace LstmCluster.Actors;

/// <summary>The places of connections that are in their handshake. When all are taken a newcomer gets that of the oldest, which has had its chance.</summary>
/// <remarks>
/// A handshake takes milliseconds, so strangers who only hold places lose them, and a node that dials always finds one. Whoever has lost a place needs a moment to go, so there may be twice as
/// many for that long; beyond that newcomers are turned away.
/// </remarks>
/// <param name="most">Places.</param>
sealed class HandshakePlaces(int most)
{
    readonly Lock _gate = new();
    readonly LinkedList<Place> _held = [];
    int _count;

    /// <summary>Connections that have not left, with or without a place.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes a place, the oldest's where there is no other.</summary>
    /// <returns>Null when too many are just leaving.</returns>
    public Place? TryTake()
    {
        Place? oldest = null;
        Place place;
        lock (_gate)
        {
            if (_count >= 2 * most) return null;
            _count++;
            place = new Place(this);
            place.Entry = _held.AddLast(place);
            if (_held.Count > most)
            {
                oldest = _held.First!.Value;
                _held.RemoveFirst();
                oldest.Entry = null;
            }
        }

        oldest?.Displace();
        return place;
    }

    void Leave(Place place)
    {
        lock (_gate)
        {
            if (place.Entry is { } entry) _held.Remove(entry);
            place.Entry = null;
            _count--;
        }
    }

    /// <summary>One connection's place; given back when it is disposed.</summary>
    public sealed class Place : IDisposable
    {
        readonly HandshakePlaces _places;
        readonly CancellationTokenSource _displaced = new();
        readonly Lock _gate = new();
        bool _hasLeft;

        internal Place(HandshakePlaces places) => (_places, Displaced) = (places, _displaced.Token);

        /// <summary>Fires when the place went to a newer connection.</summary>
        public CancellationToken Displaced { get; }

        internal LinkedListNode<Place>? Entry { get; set; }

        /// <inheritdoc/>
        public void Dispose()
        {
            lock (_gate)
            {
                if (_hasLeft) return;
                _hasLeft = true;
                _displaced.Dispose();
            }

            _places.Leave(this);
        }

        /// <summary>Tells its holder, on a thread of the pool: whoever takes the place goes on at once.</summary>
        internal void Displace()
        {
            lock (_gate)
                if (!_hasLeft)
                    _ = _displaced.CancelAsync();
        }
    }
}
