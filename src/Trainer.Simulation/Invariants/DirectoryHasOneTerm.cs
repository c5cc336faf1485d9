namespace LstmCluster.Simulation;

/// <summary>Invariant 3, on disk: no coordinator changes the run's directory after a later one has begun.</summary>
/// <remarks>Told by the disks of the processes, which know whose they are; a change of names counts, since it is what becomes visible.</remarks>
sealed class DirectoryHasOneTerm : Invariant
{
    readonly Dictionary<string, long> _terms = new(StringComparer.Ordinal);
    long _highest;

    public override string Name => "3 no old coordinator changes the run's directory";

    /// <summary>A process is elected: from now on no other one may change anything.</summary>
    /// <param name="process">Name and number of the process.</param>
    /// <param name="term">Its term.</param>
    public void Elected(string process, long term) => _highest = _terms[process] = term;

    /// <summary>A process has begun a term by itself.</summary>
    /// <param name="process">Name and number of the process.</param>
    /// <param name="term">The term.</param>
    public void Begun(string process, long term)
    {
        _terms[process] = term;
        if (term <= _highest) Violated($"{process} begins term {term} after {_highest}");
        _highest = Math.Max(_highest, term);
    }

    /// <summary>A process has changed what stands in the run's directory.</summary>
    /// <param name="process">Name and number of the process.</param>
    /// <param name="path">What is new, or gone.</param>
    public void Changed(string process, string path)
    {
        if (_terms.TryGetValue(process, out var term) && term < _highest) Violated($"{process} of term {term} changes {path} after term {_highest} has begun");
    }
}
