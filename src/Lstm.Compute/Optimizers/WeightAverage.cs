namespace LstmCluster.Compute;

/// <summary>An exponential moving average of the weights (Polyak and Juditsky 1992; Tarvainen and Valpola 2017), for use instead of the last weights.</summary>
/// <remarks>
/// Update t moves the average towards the new weights: <c>average += (1 - d)*(weights - average)</c> with <c>d = min(Decay, (1 + t)/(10 + t))</c>, TensorFlow's
/// choice, so that the initial weights are soon forgotten. Weights that never change keep the bits of their average.
/// </remarks>
/// <param name="Decay">Share of the average that an update keeps, from 0 up to, but not including, 1.</param>
public sealed record WeightAverage(double Decay)
{
    /// <summary>Name of the average among the state vectors.</summary>
    public const string StateName = "average";

    /// <summary>Takes new weights into the average.</summary>
    /// <param name="device">Where the vectors are.</param>
    /// <param name="step">Number of the update that made the weights, from 1.</param>
    /// <param name="weights">The weights after it.</param>
    /// <param name="average">The average. Updated.</param>
    public void Apply(IOptimizerOperations device, long step, DeviceSpan weights, DeviceSpan average)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        var decay = Math.Min(Decay, (1.0 + step) / (10.0 + step));
        device.MoveAverage((float)(1 - decay), weights, average);
    }
}
