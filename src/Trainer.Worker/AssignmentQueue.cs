using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Assignments that wait to be computed: those of the newest round that was assigned, since a round begins only when the one before is complete.</summary>
sealed class AssignmentQueue : IDisposable
{
    readonly Queue<AssignShards> _waiting = [];
    Round? _newest;

    /// <summary>The round that the waiting assignments belong to; null when none waits.</summary>
    public Round? Round => _waiting.Count > 0 ? _newest : null;

    /// <summary>Shards of the assignment that has waited longest; 0 when none waits.</summary>
    public int NextShards => _waiting.TryPeek(out var next) ? next.Shards.Count : 0;

    /// <summary>Takes an assignment in, unless it is one that waits already, or others have completed its round.</summary>
    /// <param name="assignment">The assignment; its references are taken over.</param>
    public void Add(AssignShards assignment)
    {
        if (_newest is { } newest && newest.IsBefore(assignment.Round)) Drop();
        var isObsolete = _newest is { } round && assignment.Round.IsBefore(round);
        if (isObsolete || _waiting.Any(waiting => waiting.Attempt == assignment.Attempt))
        {
            assignment.Release();
            return;
        }

        _newest = assignment.Round;
        _waiting.Enqueue(assignment);
    }

    /// <summary>The assignment that has waited longest; its references are the caller's.</summary>
    public AssignShards Take() => _waiting.Dequeue();

    /// <summary>Gives back everything that waits.</summary>
    public void Drop()
    {
        while (_waiting.TryDequeue(out var assignment)) assignment.Release();
    }

    /// <inheritdoc/>
    public void Dispose() => Drop();
}
