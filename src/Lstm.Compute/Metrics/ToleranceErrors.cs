namespace LstmCluster.Compute;

/// <summary>How many numbers are told to within a tolerance, and how many sequences in each of their numbers.</summary>
/// <param name="tolerance">A number that is off by less is right.</param>
public sealed class ToleranceErrors(double tolerance)
{
    bool _isEmpty = true, _isRight = true;

    /// <summary>A number that is off by less is right.</summary>
    public double Tolerance => tolerance;

    /// <summary>Numbers compared.</summary>
    public long Numbers { get; private set; }

    /// <summary>Numbers that are right.</summary>
    public long RightNumbers { get; private set; }

    /// <summary>Sequences with a number at least.</summary>
    public long Sequences { get; private set; }

    /// <summary>Sequences of which all numbers are right.</summary>
    public long RightSequences { get; private set; }

    /// <summary>The largest error; 0 without numbers.</summary>
    public double Largest { get; private set; }

    /// <summary>Compares a number of the sequence that is being judged.</summary>
    /// <param name="expected">What is right; NaN where nobody knows, which is not counted.</param>
    /// <param name="predicted">What was told; NaN is wrong.</param>
    public void Add(double expected, double predicted)
    {
        if (double.IsNaN(expected)) return;
        var error = Math.Abs(predicted - expected);
        (_isEmpty, Numbers) = (false, Numbers + 1);
        if (error < tolerance) RightNumbers++;
        else _isRight = false;
        if (!(error <= Largest)) Largest = error;
    }

    /// <summary>Ends a sequence.</summary>
    public void EndSequence()
    {
        if (!_isEmpty)
        {
            Sequences++;
            if (_isRight) RightSequences++;
        }

        (_isEmpty, _isRight) = (true, true);
    }
}
