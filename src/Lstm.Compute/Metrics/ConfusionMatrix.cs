namespace LstmCluster.Compute;

/// <summary>How often each class was taken for which: accuracy, and precision, recall and F1 of each class.</summary>
/// <param name="classes">Number of classes.</param>
public sealed class ConfusionMatrix(int classes)
{
    // Taggers have hundreds of classes, of which few are ever taken for each other.
    readonly Dictionary<(int Expected, int Predicted), long> _cells = [];
    readonly long[] _expected = new long[classes];
    readonly long[] _predicted = new long[classes];

    /// <summary>Number of classes.</summary>
    public int Classes => classes;

    /// <summary>Answers counted.</summary>
    public long Count { get; private set; }

    /// <summary>Answers that are right.</summary>
    public long Right { get; private set; }

    /// <summary>Share of the answers that are right; NaN without answers.</summary>
    public double Accuracy => (double)Right / Count;

    /// <summary>Answers of one kind.</summary>
    /// <param name="expected">The class that is right.</param>
    /// <param name="predicted">The class that was told.</param>
    public long this[int expected, int predicted] => _cells.GetValueOrDefault((expected, predicted));

    /// <summary>The mean F1 of the classes that occur or were told, each weighing the same; NaN without answers.</summary>
    public double MacroF1 => Enumerable.Range(0, classes).Select(F1).Where(f1 => f1 is not null).Average() ?? double.NaN;

    /// <summary>The kinds of answers that occur, ascending.</summary>
    public IEnumerable<(int Expected, int Predicted, long Count)> Cells =>
        _cells.OrderBy(cell => cell.Key).Select(cell => (cell.Key.Expected, cell.Key.Predicted, cell.Value));

    /// <summary>Counts answers of one kind.</summary>
    /// <param name="expected">The class that is right.</param>
    /// <param name="predicted">The class that was told.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of them is no class, or there are fewer than none.</exception>
    public void Add(int expected, int predicted, long count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)expected, (uint)classes, nameof(expected));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)predicted, (uint)classes, nameof(predicted));
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        _cells[(expected, predicted)] = this[expected, predicted] + count;
        _expected[expected] += count;
        _predicted[predicted] += count;
        Count += count;
        if (expected == predicted) Right += count;
    }

    /// <summary>How often a class is right to be told.</summary>
    public long Support(int index) => _expected[index];

    /// <summary>Share of the answers with a class that are right; null where it was never told.</summary>
    public double? Precision(int index) => _predicted[index] == 0 ? null : (double)this[index, index] / _predicted[index];

    /// <summary>Share of a class's occurrences that are told; null where it does not occur.</summary>
    public double? Recall(int index) => _expected[index] == 0 ? null : (double)this[index, index] / _expected[index];

    /// <summary>Harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN); null where the class neither occurs nor was told.</summary>
    public double? F1(int index) =>
        _expected[index] + _predicted[index] == 0 ? null : 2.0 * this[index, index] / (_expected[index] + _predicted[index]);
}
