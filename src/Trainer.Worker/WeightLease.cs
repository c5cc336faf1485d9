using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>A prepared weight version, until disposed.</summary>
/// <param name="version">The version.</param>
/// <param name="weights">The prepared weights; null where nothing is computed with them.</param>
/// <param name="giveBack">Called once when the version is given back; null where nobody needs to know.</param>
public sealed class WeightLease(WeightVersion version, ModelWeights? weights, Action? giveBack = null) : IDisposable
{
    Action? _giveBack = giveBack;

    /// <summary>The version.</summary>
    public WeightVersion Version => version;

    /// <summary>The prepared weights.</summary>
    /// <exception cref="InvalidOperationException">They were only counted, not prepared.</exception>
    public ModelWeights Weights => weights ?? throw new InvalidOperationException($"the weights of {version} have no numbers");

    /// <summary>Gives the version back.</summary>
    public void Dispose()
    {
        var giveBack = _giveBack;
        _giveBack = null;
        giveBack?.Invoke();
    }
}
