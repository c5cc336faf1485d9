namespace LstmCluster.Compute.Cpu;

/// <summary>The left operand of a product: element (row,k) is <c>Data[row/TileRows*TileStride + row%TileRows*RowStride + k*StepStride]</c>.</summary>
readonly unsafe struct LeftOperand(float* data, nint tileStride, nint rowStride, nint stepStride)
{
    public readonly float* Data = data;
    public readonly nint TileStride = tileStride, RowStride = rowStride, StepStride = stepStride;

    /// <summary>A row-major matrix [rows,width], in place where nothing is rounded.</summary>
    public static LeftOperand Rows<V>(float* data, int rows, int width, Scratch scratch)
        where V : struct, ILanes<V> => new(scratch.Rounded(data, (long)rows * width), (nint)width * V.TileRows, width, 1);

    /// <summary>What <see cref="Panels{V}.PackLeft"/> made.</summary>
    public static LeftOperand Tiles<V>(float* data, int inner)
        where V : struct, ILanes<V> => new(data, (nint)inner * V.TileRows, 1, V.TileRows);
}

/// <summary>A matrix product over packed panels: cuts it into tiles, and the tiles into what the caches hold.</summary>
static unsafe class Product<V>
    where V : struct, ILanes<V>
{
    // So many rows of the left operand stay in the second-level cache while the panels pass by.
    const int RowsPerBlock = 128;

    /// <summary><c>c = start + a b</c>, or <c>c += a b</c>.</summary>
    /// <param name="rows">Rows of a and c.</param>
    /// <param name="inner">Length of each sum.</param>
    /// <param name="outer">Columns of c.</param>
    /// <param name="a">Left operand.</param>
    /// <param name="panels">Right operand, packed by <see cref="Panels{V}"/>.</param>
    /// <param name="start">What each chain starts from, [outer], the same for every row; null: from what c holds.</param>
    /// <param name="c">[rows,outer].</param>
    /// <param name="add">True: chains start from <paramref name="start"/> and the finished ones are added to c.</param>
    public static void Run(int rows, int inner, int outer, in LeftOperand a, float* panels, float* start, float* c, bool add)
    {
        for (var first = 0; first < rows; first += RowsPerBlock)
        {
            var last = Math.Min(rows, first + RowsPerBlock);
            var panel = panels;
            var column = 0;
            if (last - first == 1)
            {
                const int Together = ProductTile<V>.PanelsOfOneRow;
                var width = Together * ProductTile<V>.Columns;
                for (; column + width <= outer; column += width, panel += (nint)width * inner)
                {
                    var target = c + ((nint)first * outer) + column;
                    ProductTile<V>.Row1Panels4(inner, Left(a, first), a.StepStride, panel, start == null ? target : start + column, target, add);
                }
            }

            for (; column < outer; column += ProductTile<V>.Columns, panel += ProductTile<V>.Columns * inner)
            {
                if (column + ProductTile<V>.Columns <= outer)
                    WholePanel(first, last, inner, a, panel, start == null ? null : start + column, c + column, outer, add);
                else
                    LastPanel(first, last, inner, a, panel, start == null ? null : start + column, c + column, outer, outer - column, add);
            }
        }
    }

    static void WholePanel(int first, int last, int inner, in LeftOperand a, float* panel, float* start, float* c, int cRow, bool add)
    {
        for (var row = first; row < last;)
        {
            var tile = Math.Min(last - row, V.TileRows);
            var target = c + ((nint)row * cRow);
            row += start == null
                ? Tile(tile, inner, a, row, panel, target, cRow, target, cRow, add)
                : Tile(tile, inner, a, row, panel, start, 0, target, cRow, add);
        }
    }

    /// <summary>A panel that sticks out over the last column works on a copy of the columns that exist.</summary>
    static void LastPanel(int first, int last, int inner, in LeftOperand a, float* panel, float* start, float* c, int cRow, int columns, bool add)
    {
        var width = ProductTile<V>.Columns;
        var copy = stackalloc float[width * V.TileRows];
        var paddedStart = stackalloc float[width];
        if (start != null) new ReadOnlySpan<float>(start, columns).CopyTo(new Span<float>(paddedStart, columns));
        for (var row = first; row < last;)
        {
            var tile = Math.Min(last - row, V.TileRows);
            var target = c + ((nint)row * cRow);
            for (var r = 0; r < tile; r++)
                new ReadOnlySpan<float>(target + (r * (nint)cRow), columns).CopyTo(new Span<float>(copy + (r * width), columns));
            var done = start == null
                ? Tile(tile, inner, a, row, panel, copy, width, copy, width, add)
                : Tile(tile, inner, a, row, panel, paddedStart, 0, copy, width, add);
            for (var r = 0; r < done; r++)
                new ReadOnlySpan<float>(copy + (r * width), columns).CopyTo(new Span<float>(target + (r * (nint)cRow), columns));
            row += done;
        }
    }

    static float* Left(in LeftOperand a, int row) => a.Data + (row / V.TileRows * a.TileStride) + (row % V.TileRows * a.RowStride);

    /// <summary>Runs the largest tile of at most <paramref name="rows"/> rows.</summary>
    /// <returns>Its rows.</returns>
    static int Tile(
        int rows, int inner, in LeftOperand a, int row, float* panel, float* start, nint startRow, float* c, nint cRow, bool add)
    {
        var left = Left(a, row);
        switch (rows)
        {
            case >= 8:
                ProductTile<V>.Rows8(inner, left, a.RowStride, a.StepStride, panel, start, startRow, c, cRow, add);
                return 8;
            case >= 4:
                ProductTile<V>.Rows4(inner, left, a.RowStride, a.StepStride, panel, start, startRow, c, cRow, add);
                return 4;
            case >= 2:
                ProductTile<V>.Rows2(inner, left, a.RowStride, a.StepStride, panel, start, startRow, c, cRow, add);
                return 2;
            default:
                ProductTile<V>.Rows1(inner, left, a.RowStride, a.StepStride, panel, start, startRow, c, cRow, add);
                return 1;
        }
    }
}
