namespace LstmCluster.Compute;

/// <summary>How far numbers that were told are from what they should be.</summary>
public sealed class RegressionErrors
{
    double _absolute, _squared;

    /// <summary>Numbers compared.</summary>
    public long Count { get; private set; }

    /// <summary>Mean absolute error, MAE, in the unit of the numbers; NaN without numbers.</summary>
    public double MeanAbsolute => _absolute / Count;

    /// <summary>Root of the mean squared error, RMSE, in the unit of the numbers; NaN without numbers.</summary>
    public double RootMeanSquare => Math.Sqrt(_squared / Count);

    /// <summary>Compares a number.</summary>
    /// <param name="expected">What is right; NaN where nobody knows, which is not counted.</param>
    /// <param name="predicted">What was told.</param>
    public void Add(double expected, double predicted)
    {
        if (double.IsNaN(expected)) return;
        var error = predicted - expected;
        _absolute += Math.Abs(error);
        _squared += error * error;
        Count++;
    }

    /// <summary>Mean absolute scaled error, MASE (Hyndman &amp; Koehler 2006).</summary>
    /// <param name="scale">Mean absolute error of the forecast that repeats what was a season ago, on what was trained on.</param>
    public double Scaled(double scale) => MeanAbsolute / scale;
}
