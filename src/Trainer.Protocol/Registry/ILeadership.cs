namespace LstmCluster.Protocol;

/// <summary>
/// Being the coordinator of a run, for as long as <see cref="IsValid"/> says so. A process that was paused may be deposed when it wakes, before any timer of
/// its own has fired, so <see cref="IsValid"/> compares with the clock at each use; what must never be changed by a deposed coordinator is fenced
/// with <see cref="Term"/> as well. Disposing it resigns.
/// </summary>
public interface ILeadership : IAsyncDisposable
{
    /// <summary>The reign: higher than all before it of this run.</summary>
    Term Term { get; }

    /// <summary>Whether nobody else can have been elected yet. Once false, false for ever; also after resigning.</summary>
    bool IsValid { get; }

    /// <summary>Fires when the leadership has ended and nobody resigned.</summary>
    CancellationToken Lost { get; }

    /// <summary>Why <see cref="Lost"/> has fired, in one line; null while it has not.</summary>
    string? LossReason { get; }

    /// <summary>Begins another reign without an election: for a process that starts its coordinator anew.</summary>
    /// <param name="stop">Gives up; the term may have been raised all the same, which harms nothing.</param>
    /// <returns>The new <see cref="Term"/>.</returns>
    /// <exception cref="LeadershipLostException">The leadership has ended.</exception>
    /// <exception cref="RegistryException">The registry refuses.</exception>
    Task<Term> NextTermAsync(CancellationToken stop = default);

    /// <summary>Leaves word of how the run has ended, for those who were away when it did. It stands until somebody leads again.</summary>
    /// <param name="how">How it ended, in words.</param>
    /// <param name="failed">True when it could not go on.</param>
    /// <param name="stop">Gives up; the word may have been left all the same.</param>
    /// <exception cref="LeadershipLostException">The leadership has ended.</exception>
    /// <exception cref="RegistryException">The registry refuses, or does not answer.</exception>
    Task LeaveWordAsync(string how, bool failed, CancellationToken stop = default);

    /// <summary>Ends the leadership, so that a standby need not wait for its lease to run out. Does no harm when it has ended already, or when the registry is away.</summary>
    Task ResignAsync();
}
