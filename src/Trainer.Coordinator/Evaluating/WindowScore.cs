namespace LstmCluster.Training;

/// <summary>
/// How far out of the ordinary the last row of a window is: how far what was told of the window's rows is off, the root of the mean square over rows and target columns, in the columns' deviations.
/// </summary>
/// <remarks>All rows that are told count, not the last one alone: an event that goes on moves each row a little, and what was told before it began shows that.</remarks>
struct WindowScore
{
    double _squares;
    long _count;

    /// <summary>The score; NaN where no row could be compared.</summary>
    public readonly double Value => Math.Sqrt(_squares / _count);

    /// <summary>Takes in a row; one with a missing number is left out.</summary>
    /// <param name="told">[outputs], what was told.</param>
    /// <param name="expected">[outputs], what came.</param>
    public void Add(ReadOnlySpan<float> told, ReadOnlySpan<float> expected)
    {
        if (expected.Contains(float.NaN)) return;
        for (var output = 0; output < told.Length; output++)
        {
            var error = (double)told[output] - expected[output];
            _squares += error * error;
        }

        _count += told.Length;
    }
}
