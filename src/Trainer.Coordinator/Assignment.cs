using LstmCluster.Actors;

namespace LstmCluster.Training;

/// <summary>Shards that one worker was asked to compute as one batch.</summary>
/// <param name="attempt">Its number within the round, from 1.</param>
/// <param name="worker">Who computes them.</param>
/// <param name="shards">The shards, ascending.</param>
/// <param name="assigned">When, on the runtime's clock.</param>
public sealed class Assignment(int attempt, ActorRef worker, IReadOnlyList<int> shards, TimeSpan assigned)
{
    /// <summary>Its number within the round, from 1.</summary>
    public int Attempt => attempt;

    /// <summary>Who computes the shards.</summary>
    public ActorRef Worker => worker;

    // With an answer lost now and then, longer intervals would only add up.
    static readonly TimeSpan LongestRepeat = TimeSpan.FromSeconds(10);

    TimeSpan? _said;

    /// <summary>The shards, ascending.</summary>
    public IReadOnlyList<int> Shards => shards;

    /// <summary>The shards that the workers of the same process were given at the same time, ascending; none where nobody else of it was given any.</summary>
    public IReadOnlyList<int> HostShards { get; set; } = [];

    /// <summary>When they were assigned, on the runtime's clock.</summary>
    public TimeSpan Assigned => assigned;

    /// <summary>The shards of it that are still waited for; those whose results were rejected are not.</summary>
    public List<int> Open { get; } = [.. shards];

    /// <summary>When its worker had nothing else to do before it, on the runtime's clock; null while it has.</summary>
    public TimeSpan? Begun { get; private set; }

    /// <summary>When it is said to its worker again, on the runtime's clock; null while nobody has looked.</summary>
    public TimeSpan? RepeatAt { get; private set; }

    /// <summary>How often it was said again.</summary>
    public int Repetitions { get; private set; }

    /// <summary>Its worker has come to it.</summary>
    public void Begin(TimeSpan now)
    {
        Begun ??= now;
        _said ??= now;
    }

    /// <summary>What its worker has taken for it, as far as one can tell: time that only a lost message has cost does not count.</summary>
    /// <param name="now">When it has answered, on the runtime's clock.</param>
    /// <returns>Null when it has not come to it.</returns>
    public TimeSpan? Duration(TimeSpan now) => now - _said;

    /// <summary>Looks whether it is time to say it again.</summary>
    /// <param name="now">The runtime's clock.</param>
    /// <param name="first">Time from its beginning to the first repetition; each later one comes after twice as long, up to 10 s or this time.</param>
    public bool IsRepeated(TimeSpan now, TimeSpan first)
    {
        if (Begun is not { } begun) return false;
        RepeatAt ??= begun + first;
        if (now < RepeatAt) return false;
        Repetitions++;
        _said = now;
        var delay = first * Math.Pow(2, Math.Min(Repetitions, 16));
        var longest = first > LongestRepeat ? first : LongestRepeat;
        RepeatAt = now + (delay < longest ? delay : longest);
        return true;
    }
}
