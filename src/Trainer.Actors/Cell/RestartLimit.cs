namespace LstmCluster.Actors;

/// <summary>Counts the restarts of one actor within the window of its supervision.</summary>
sealed class RestartLimit(Supervision supervision)
{
    readonly Queue<TimeSpan> _restarts = new();

    public int Count => _restarts.Count;

    /// <summary>Notes one more restart; false when that would be too many.</summary>
    /// <param name="elapsed">The runtime's clock.</param>
    public bool TryRestart(TimeSpan elapsed)
    {
        while (_restarts.TryPeek(out var oldest) && elapsed - oldest > supervision.Window) _restarts.Dequeue();
        if (_restarts.Count >= supervision.MaxRestarts) return false;
        _restarts.Enqueue(elapsed);
        return true;
    }
}
