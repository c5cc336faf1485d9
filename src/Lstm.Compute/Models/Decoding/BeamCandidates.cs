namespace LstmCluster.Compute;

/// <summary>A prefix with one more class.</summary>
/// <param name="LogProbability">Of all of it.</param>
/// <param name="Beam">The prefix.</param>
/// <param name="Class">The class.</param>
readonly record struct BeamCandidate(double LogProbability, int Beam, int Class);

/// <summary>The best of the candidates that were offered, best first; of equals the one offered first.</summary>
sealed class BeamCandidates(int capacity)
{
    readonly BeamCandidate[] _best = new BeamCandidate[capacity];
    int _count;

    public ReadOnlySpan<BeamCandidate> Best => _best.AsSpan(0, _count);

    /// <summary>What a candidate's probability must exceed to get in.</summary>
    public double Bar => _count == capacity ? _best[^1].LogProbability : double.NegativeInfinity;

    public void Clear() => _count = 0;

    /// <summary>Takes in a candidate that exceeds <see cref="Bar"/>.</summary>
    public void Add(BeamCandidate candidate)
    {
        var place = _count < capacity ? _count++ : capacity - 1;
        for (; place > 0 && _best[place - 1].LogProbability < candidate.LogProbability; place--) _best[place] = _best[place - 1];
        _best[place] = candidate;
    }
}
