namespace LstmCluster.Compute;

/// <summary>What becomes of a sum over positions and of what its target holds.</summary>
public enum Summation
{
    /// <summary>The sum begins at zero and takes the target's place.</summary>
    Write,

    /// <summary>The sum begins at zero; finished, it is added to what the target holds, in one rounding.</summary>
    Add,

    /// <summary>The sum begins at what the target holds, so that calls over one window of time after the other have the bits of one call.</summary>
    Continue,
}

/// <summary>The order in which a recurrent layer's weight gradients are summed over time.</summary>
/// <remarks>
/// Time is cut into segments of <see cref="Steps"/>, from step 0 on. They come in the order in which back-propagation visits them, the last first, or the first
/// first in reverse direction; within a segment t ascends, then n. So a backward pass that forgets a segment before it computes the next one can go on with the same sum.
/// </remarks>
public static class TimeSegments
{
    /// <summary>Time steps of a segment; the last one may have fewer.</summary>
    public const int Steps = 64;

    /// <summary>Number of segments of a batch.</summary>
    /// <param name="steps">T.</param>
    public static int Count(int steps) => (steps + Steps - 1) / Steps;

    /// <summary>The segment that comes at a turn.</summary>
    /// <param name="turn">From 0.</param>
    /// <param name="steps">T.</param>
    /// <param name="reverse">Direction of the layer.</param>
    public static TimeWindow At(int turn, int steps, bool reverse)
    {
        var first = Steps * (reverse ? turn : Count(steps) - 1 - turn);
        return new TimeWindow(first, Math.Min(Steps, steps - first));
    }
}
