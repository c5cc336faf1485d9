namespace LstmCluster.Compute;

/// <summary>How far numbers that were told are from what they should be.</summary>
public sealed class RegressionErrors
{
    /// <summary>Sum of the absolute errors.</summary>
    public double AbsoluteSum { get; private set; }

    /// <summary>Sum of the squared errors.</summary>
    public double SquaredSum { get; private set; }

    /// <summary>Numbers compared.</summary>
    public long Count { get; private set; }

    /// <summary>Mean absolute error, MAE, in the unit of the numbers; NaN without numbers.</summary>
    public double MeanAbsolute => AbsoluteSum / Count;

    /// <summary>Root of the mean squared error, RMSE, in the unit of the numbers; NaN without numbers.</summary>
    public double RootMeanSquare => Math.Sqrt(SquaredSum / Count);

    /// <summary>Compares a number.</summary>
    /// <param name="expected">What is right; NaN where nobody knows, which is not counted.</param>
    /// <param name="predicted">What was told.</param>
    public void Add(double expected, double predicted)
    {
        if (double.IsNaN(expected)) return;
        var error = predicted - expected;
        AddSums(Math.Abs(error), error * error, 1);
    }

    /// <summary>Takes in numbers that were compared elsewhere.</summary>
    /// <param name="absolute">Sum of their absolute errors.</param>
    /// <param name="squared">Sum of their squared errors.</param>
    /// <param name="count">How many they are.</param>
    public void AddSums(double absolute, double squared, long count)
    {
        AbsoluteSum += absolute;
        SquaredSum += squared;
        Count += count;
    }

    /// <summary>Mean absolute scaled error, MASE (Hyndman &amp; Koehler 2006).</summary>
    /// <param name="scale">Mean absolute error of the forecast that repeats what was a season ago, on what was trained on.</param>
    public double Scaled(double scale) => MeanAbsolute / scale;
}
