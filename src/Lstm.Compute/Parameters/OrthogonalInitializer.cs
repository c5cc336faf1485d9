namespace LstmCluster.Compute;

/// <summary>
/// Blocks of orthonormal rows, or columns where a block is taller than wide, each drawn evenly from all of its kind (Saxe, McClelland and Ganguli 2014): a
/// recurrent product with it keeps the length of the hidden state.
/// </summary>
/// <remarks>The same bits on every machine: normal numbers, then additions, multiplications, divisions and square roots in double precision in one fixed order.</remarks>
/// <param name="Rows">Rows of one block, such as the units of one gate; the tensor is one or more blocks below each other.</param>
/// <param name="Columns">Columns of a block.</param>
public sealed record OrthogonalInitializer(int Rows, int Columns) : Initializer
{
    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The target is not a number of whole blocks.</exception>
    public override void Fill(Span<float> target, RandomSequence random)
    {
        var length = Rows * Columns;
        if (length < 1 || target.Length % length != 0)
            throw new ArgumentException($"{target.Length} elements are not a number of blocks of {Rows} by {Columns}", nameof(target));
        var columns = new OrthonormalColumns(Math.Max(Rows, Columns), Math.Min(Rows, Columns));
        for (var first = 0; first < target.Length; first += length)
        {
            columns.Draw(random, first);
            Copy(columns, target.Slice(first, length));
        }
    }

    void Copy(OrthonormalColumns columns, Span<float> block)
    {
        for (var row = 0; row < Rows; row++)
            for (var column = 0; column < Columns; column++)
                block[(row * Columns) + column] = (float)(Rows < Columns ? columns[column, row] : columns[row, column]);
    }
}
