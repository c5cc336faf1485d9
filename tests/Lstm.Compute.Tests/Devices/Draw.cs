namespace LstmCluster.Compute.Tests;

/// <summary>Seeded test data that single precision represents exactly, so that every device starts from the same numbers.</summary>
sealed class Draw(int seed)
{
    readonly Random _random = new(seed);

    /// <summary>Numbers in [-limit, limit).</summary>
    public double[] Uniform(int count, double limit = 1)
    {
        var values = new double[count];
        for (var index = 0; index < count; index++)
            values[index] = (float)(((2 * _random.NextDouble()) - 1) * limit);
        return values;
    }

    /// <summary>Numbers in [0, limit).</summary>
    public double[] Positive(int count, double limit = 1) => [.. Uniform(count, limit).Select(Math.Abs)];

    /// <summary>Whole numbers in [first, end).</summary>
    public int[] Integers(int count, int first, int end)
    {
        var values = new int[count];
        for (var index = 0; index < count; index++)
            values[index] = _random.Next(first, end);
        return values;
    }
}
