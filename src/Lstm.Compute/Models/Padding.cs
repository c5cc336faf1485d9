namespace LstmCluster.Compute;

/// <summary>What stands in a time-major batch beyond the end of its rows.</summary>
static class Padding
{
    /// <summary>Copies what the rows hold and puts one value wherever they have ended, so that nothing of the caller's padding gets further.</summary>
    /// <param name="source">[T,N,width].</param>
    /// <param name="width">Elements of a position.</param>
    /// <param name="shape">T and N.</param>
    /// <param name="lengths">[N].</param>
    /// <param name="value">What the padding becomes.</param>
    /// <param name="stage">Host memory for the copy; grows and stays.</param>
    /// <returns>The copy.</returns>
    public static Span<T> Replaced<T>(
        ReadOnlySpan<T> source, int width, BatchShape shape, ReadOnlySpan<int> lengths, T value, ref T[] stage)
    {
        if (stage.Length < source.Length) stage = new T[source.Length];
        var copy = stage.AsSpan(0, source.Length);
        source.CopyTo(copy);
        for (var row = 0; row < lengths.Length; row++)
        {
            for (var step = lengths[row]; step < shape.Steps; step++) copy.Slice(((step * shape.Rows) + row) * width, width).Fill(value);
        }

        return copy;
    }
}
