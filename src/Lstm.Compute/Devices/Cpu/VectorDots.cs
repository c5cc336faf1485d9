namespace LstmCluster.Compute.Cpu;

/// <summary>Products of two sets of vectors, each with each. Every product is a <see cref="Reductions.Dot{V}"/>, whatever the tile it belongs to.</summary>
static unsafe class VectorDots<V>
    where V : struct, ILanes<V>
{
    const int TileRows = 2, TileColumns = 4, Lanes = Reductions.VirtualLanes;

    /// <summary><c>dots[r][c] = x[r] . y[c]</c>.</summary>
    /// <param name="rows">Number of x.</param>
    /// <param name="x">[rows] vectors.</param>
    /// <param name="columns">Number of y.</param>
    /// <param name="y">[columns] vectors.</param>
    /// <param name="width">Features.</param>
    /// <param name="dots">[rows] vectors of columns.</param>
    public static void Run(int rows, TimeVectors x, int columns, TimeVectors y, int width, TimeVectors dots)
    {
        var lanes = stackalloc float[TileRows * TileColumns * Lanes];
        var column = 0;
        for (; column <= columns - TileColumns; column += TileColumns)
        {
            // These columns stay in the first-level cache while the rows pass by.
            var right = y.From(column);
            var row = 0;
            for (; row <= rows - TileRows; row += TileRows)
            {
                Tile2(x.From(row), right, width, lanes);
                for (var c = 0; c < TileColumns; c++)
                {
                    dots[row][column + c] = Reductions.Fold(lanes + (c * Lanes));
                    dots[row + 1][column + c] = Reductions.Fold(lanes + ((TileColumns + c) * Lanes));
                }
            }

            if (row == rows) continue;
            Tile1(x[row], right, width, lanes);
            for (var c = 0; c < TileColumns; c++) dots[row][column + c] = Reductions.Fold(lanes + (c * Lanes));
        }

        for (; column < columns; column++)
            for (var row = 0; row < rows; row++)
                dots[row][column] = Reductions.Dot<V>(x[row], y[column], width);
    }

    /// <summary>Virtual lanes of two rows by four columns.</summary>
    static void Tile2(TimeVectors x, TimeVectors y, int width, float* lanes)
    {
        float* x0 = x[0], x1 = x[1], y0 = y[0], y1 = y[1], y2 = y[2], y3 = y[3];
        var whole = width - (width % Lanes);
        for (var lane = 0; lane < Lanes; lane += V.Count)
        {
            V d00 = V.Splat(0f), d01 = d00, d02 = d00, d03 = d00, d10 = d00, d11 = d00, d12 = d00, d13 = d00;
            for (var index = lane; index < whole; index += Lanes)
            {
                V a = V.Load(x0 + index), b = V.Load(x1 + index), c = V.Load(y0 + index);
                d00 = V.MultiplyAdd(a, c, d00);
                d10 = V.MultiplyAdd(b, c, d10);
                c = V.Load(y1 + index);
                d01 = V.MultiplyAdd(a, c, d01);
                d11 = V.MultiplyAdd(b, c, d11);
                c = V.Load(y2 + index);
                d02 = V.MultiplyAdd(a, c, d02);
                d12 = V.MultiplyAdd(b, c, d12);
                c = V.Load(y3 + index);
                d03 = V.MultiplyAdd(a, c, d03);
                d13 = V.MultiplyAdd(b, c, d13);
            }

            V.Store(d00, lanes + lane);
            V.Store(d01, lanes + Lanes + lane);
            V.Store(d02, lanes + (2 * Lanes) + lane);
            V.Store(d03, lanes + (3 * Lanes) + lane);
            V.Store(d10, lanes + (4 * Lanes) + lane);
            V.Store(d11, lanes + (5 * Lanes) + lane);
            V.Store(d12, lanes + (6 * Lanes) + lane);
            V.Store(d13, lanes + (7 * Lanes) + lane);
        }

        for (var c = 0; c < TileColumns; c++)
        {
            Tail(x0, y[c], whole, width, lanes + (c * Lanes));
            Tail(x1, y[c], whole, width, lanes + ((TileColumns + c) * Lanes));
        }
    }

    /// <summary>Virtual lanes of one row by four columns.</summary>
    static void Tile1(float* x, TimeVectors y, int width, float* lanes)
    {
        float* y0 = y[0], y1 = y[1], y2 = y[2], y3 = y[3];
        var whole = width - (width % Lanes);
        for (var lane = 0; lane < Lanes; lane += V.Count)
        {
            V d0 = V.Splat(0f), d1 = d0, d2 = d0, d3 = d0;
            for (var index = lane; index < whole; index += Lanes)
            {
                var a = V.Load(x + index);
                d0 = V.MultiplyAdd(a, V.Load(y0 + index), d0);
                d1 = V.MultiplyAdd(a, V.Load(y1 + index), d1);
                d2 = V.MultiplyAdd(a, V.Load(y2 + index), d2);
                d3 = V.MultiplyAdd(a, V.Load(y3 + index), d3);
            }

            V.Store(d0, lanes + lane);
            V.Store(d1, lanes + Lanes + lane);
            V.Store(d2, lanes + (2 * Lanes) + lane);
            V.Store(d3, lanes + (3 * Lanes) + lane);
        }

        for (var c = 0; c < TileColumns; c++) Tail(x, y[c], whole, width, lanes + (c * Lanes));
    }

    static void Tail(float* x, float* y, int whole, int width, float* lanes)
    {
        for (var index = whole; index < width; index++) lanes[index - whole] = MathF.FusedMultiplyAdd(x[index], y[index], lanes[index - whole]);
    }
}
