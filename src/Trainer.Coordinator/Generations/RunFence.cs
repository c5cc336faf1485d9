using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Whether the coordinator of a term may still change the run directory. Asked at each change: a process may have been paused since it was asked last.</summary>
/// <param name="terms">The terms of the run.</param>
/// <param name="own">The coordinator's.</param>
/// <param name="lost">Says why the leadership of this process may have ended; null while it has not. Null where there is no election.</param>
public sealed class RunFence(RunTerms terms, Term own, Func<string?>? lost = null)
{
    /// <summary>The coordinator's term.</summary>
    public Term Term => own;

    /// <summary>Returns when the coordinator may change the run directory.</summary>
    /// <exception cref="DeposedException">Another one may have begun.</exception>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public void Check()
    {
        if (lost?.Invoke() is { } reason) throw new DeposedException(reason);
        var highest = terms.Highest();
        if (highest > own) throw new DeposedException($"{highest} of the run has begun elsewhere, this process is of {own}");
    }
}
