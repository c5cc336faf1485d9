using System.Runtime.ExceptionServices;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>What becomes of rows that are malformed: the first one is an error, or they are left out and counted.</summary>
/// <param name="policy">Which of the two; null for an error.</param>
/// <param name="leftOut">Hears of each that is left out.</param>
sealed class BadRows(MalformedRows? policy, Action<string>? leftOut = null)
{
    int _count;
    string? _first;

    /// <summary>The notice about what was left out; none when nothing was.</summary>
    public IReadOnlyList<string> Notices =>
        _count == 0 ? [] : [$"{_count} malformed {(_count == 1 ? "row was" : "rows were")} left out (data.onBadRow: skip), the first: {_first}"];

    /// <summary>Takes note of a malformed row.</summary>
    /// <exception cref="UserErrorException">The error itself, unless such rows are left out.</exception>
    public void Take(UserErrorException error)
    {
        if (policy != MalformedRows.Skip) ExceptionDispatchInfo.Throw(error);
        _count++;
        _first ??= error.Message;
        leftOut?.Invoke(error.Message);
    }
}
