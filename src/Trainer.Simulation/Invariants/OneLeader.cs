using LstmCluster.Protocol;

namespace LstmCluster.Simulation;

/// <summary>Invariant 3, in the registry: when a process is elected, no other one believes that it leads; and each term is higher than those before.</summary>
/// <remarks>A process that stands still believes nothing, but would when it goes on; so its clock is asked all the same.</remarks>
/// <param name="directory">Hears who may change the run's directory from now on.</param>
sealed class OneLeader(DirectoryHasOneTerm directory) : Invariant
{
    readonly Dictionary<string, ILeadership> _leaders = new(StringComparer.Ordinal);
    Term _highest;

    public override string Name => "3 one process believes that it leads";

    /// <summary>The registry has a coordinator, or a coordinator has another term.</summary>
    public void Elected(CoordinatorRecord record)
    {
        if (record.Term <= _highest) Violated($"{record} is elected after {_highest}");
        _highest = record.Term;
        directory.Elected(record.Name, record.Term.Value);
        foreach (var (name, leadership) in _leaders)
            if (name != record.Name && leadership.IsValid) Violated($"{name} still believes that it leads, when {record} is elected");
    }

    /// <summary>A process has heard that it is elected.</summary>
    public void Begins(string process, ILeadership leadership)
    {
        _leaders[process] = leadership;
        if (leadership.IsValid && leadership.Term < _highest) Violated($"{process} believes that it leads in {leadership.Term}, when {_highest} has begun");
    }

    /// <summary>A process is gone, and believes nothing any more.</summary>
    public void Ends(string process) => _leaders.Remove(process);
}
