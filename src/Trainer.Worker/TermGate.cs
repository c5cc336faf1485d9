using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>The highest term that a process has seen: no coordinator of an older one is followed.</summary>
/// <remarks>One for all that a process does for a run, whatever connections come and go. May be called by several threads at once.</remarks>
public sealed class TermGate
{
    readonly Lock _lock = new();
    Term _highest;

    /// <summary>The highest term seen; that of nobody before the first.</summary>
    public Term Highest
    {
        get
        {
            lock (_lock) return _highest;
        }
    }

    /// <summary>Sees a term.</summary>
    /// <returns>False when a higher one was seen before: who says it is deposed.</returns>
    public bool Admits(Term term)
    {
        lock (_lock)
        {
            if (term < _highest) return false;
            _highest = term;
            return true;
        }
    }
}
