using LstmCluster.Actors;

namespace LstmCluster.Simulation;

/// <summary>At the end, when all actors are gone, every payload was given back.</summary>
/// <param name="pool">Where they come from.</param>
sealed class NothingIsKept(PayloadPool pool) : Invariant
{
    public override string Name => "every payload is given back";

    /// <summary>All actors are gone.</summary>
    public void Check()
    {
        if (pool.Rented != 0) Violated($"{pool.Rented} payloads were not given back");
    }
}
