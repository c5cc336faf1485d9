namespace LstmCluster.Actors;

/// <summary>Events by moment, and by the order in which they came where the moment is the same: a heap of four branches.</summary>
sealed class EventQueue
{
    const int Branches = 4;
    const int FirstPurge = 4096;

    Entry[] _heap = new Entry[256];
    int _count;
    long _order;
    int _purgeAt = FirstPurge;

    public int Count => _count;

    public void Add(TimeSpan due, SimulatedEvent happening)
    {
        // Most timers are taken back long before they are due.
        if (_count >= _purgeAt) Purge();
        if (_count == _heap.Length) Array.Resize(ref _heap, 2 * _count);
        Rise(_count++, new Entry(due.Ticks, _order++, happening));
    }

    /// <summary>The earliest event; false when there is none.</summary>
    public bool TryPeek(out TimeSpan due, out SimulatedEvent happening)
    {
        (due, happening) = _count == 0 ? (default, null!) : (new TimeSpan(_heap[0].Due), _heap[0].Event);
        return _count > 0;
    }

    /// <summary>Takes the earliest event out.</summary>
    public void Remove()
    {
        var last = _heap[--_count];
        _heap[_count] = default;
        if (_count > 0) Sink(0, last);
    }

    void Purge()
    {
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            if (!_heap[i].Event.IsCancelled) _heap[kept++] = _heap[i];
        }

        Array.Clear(_heap, kept, _count - kept);
        _count = kept;
        for (var i = (_count - 2) / Branches; i >= 0 && _count > 1; i--) Sink(i, _heap[i]);
        _purgeAt = Math.Max(FirstPurge, 2 * _count);
    }

    void Rise(int at, Entry entry)
    {
        while (at > 0 && (at - 1) / Branches is var parent && entry.IsBefore(_heap[parent]))
        {
            _heap[at] = _heap[parent];
            at = parent;
        }

        _heap[at] = entry;
    }

    void Sink(int at, Entry entry)
    {
        while ((Branches * at) + 1 is var first && first < _count)
        {
            var least = first;
            var end = Math.Min(first + Branches, _count);
            for (var i = first + 1; i < end; i++)
            {
                if (_heap[i].IsBefore(_heap[least])) least = i;
            }

            if (!_heap[least].IsBefore(entry)) break;
            _heap[at] = _heap[least];
            at = least;
        }

        _heap[at] = entry;
    }

    readonly record struct Entry(long Due, long Order, SimulatedEvent Event)
    {
        public bool IsBefore(in Entry other) => Due < other.Due || (Due == other.Due && Order < other.Order);
    }
}
