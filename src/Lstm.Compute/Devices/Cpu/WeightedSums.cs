using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>Factor k of sum r is <c>First[r*RowStride + k*StepStride]</c>.</summary>
readonly unsafe struct Factors(float* first, nint rowStride, nint stepStride)
{
    public readonly float* First = first;
    public readonly nint RowStride = rowStride, StepStride = stepStride;

    /// <summary>From one sum on.</summary>
    public Factors From(nint row) => new(First + (row * RowStride), RowStride, StepStride);
}

/// <summary>
/// Sums of vectors with factors: a matrix product whose right operand is read where it stands, for operands that are used too few times to be packed.
/// </summary>
/// <remarks>Each element is one chain of fused multiply-adds in the order of the vectors, whatever the tile it belongs to.</remarks>
static unsafe class WeightedSums<V>
    where V : struct, ILanes<V>
{
    const int TileRows = 4, TileVectors = 2;

    // With fewer vectors than this the sums are what moves through memory, so that they are worked off in the order in which they lie there.
    const int FewVectors = 4;

    /// <summary><c>sums[r] (+)= sum over k of factors[r,k]*vectors[k]</c>.</summary>
    /// <param name="rows">Number of sums.</param>
    /// <param name="inner">Number of vectors.</param>
    /// <param name="width">Features.</param>
    /// <param name="factors">[rows,inner].</param>
    /// <param name="vectors">[inner] vectors.</param>
    /// <param name="sums">[rows] vectors.</param>
    /// <param name="start">True: the chains go on from what the sums hold; false: from zero.</param>
    public static void Run(int rows, int inner, int width, in Factors factors, TimeVectors vectors, TimeVectors sums, bool start)
    {
        var whole = rows - (rows % TileRows);
        var together = inner < FewVectors ? TileRows : Math.Max(TileRows, whole);
        var row = 0;
        for (; row < whole; row += together) Tiles(together, inner, width, factors.From(row), vectors, sums.From(row), start);
        for (; row < rows; row++) Single(inner, width, factors.From(row), vectors, sums[row], start);
    }

    /// <summary>Whole tiles of rows, by blocks of columns, which stay in the first-level cache while the rows pass by.</summary>
    static void Tiles(int rows, int inner, int width, in Factors factors, TimeVectors vectors, TimeVectors sums, bool start)
    {
        var column = 0;
        for (; column <= width - (TileVectors * V.Count); column += TileVectors * V.Count)
            for (var row = 0; row < rows; row += TileRows)
                Tile(inner, factors.From(row), vectors.First + column, vectors.Stride, sums[row] + column, sums.Stride, start);
        if (column == width) return;
        for (var row = 0; row < rows; row++) Rest(inner, column, width, factors.From(row), vectors, sums[row], start);
    }

    /// <summary>One row, by blocks of as many vectors as the processor needs in flight.</summary>
    static void Single(int inner, int width, in Factors factors, TimeVectors vectors, float* sum, bool start)
    {
        var column = 0;
        for (; column <= width - (8 * V.Count); column += 8 * V.Count)
        {
            float* c = sum + column, a = factors.First, b = vectors.First + column;
            V c0 = Start<V>(c, start), c1 = Start<V>(c + V.Count, start), c2 = Start<V>(c + (2 * V.Count), start), c3 = Start<V>(c + (3 * V.Count), start);
            V c4 = Start<V>(c + (4 * V.Count), start), c5 = Start<V>(c + (5 * V.Count), start), c6 = Start<V>(c + (6 * V.Count), start);
            V c7 = Start<V>(c + (7 * V.Count), start);
            for (var k = 0; k < inner; k++, a += factors.StepStride, b += vectors.Stride)
            {
                var x = V.Splat(*a);
                c0 = V.MultiplyAdd(x, V.Load(b), c0);
                c1 = V.MultiplyAdd(x, V.Load(b + V.Count), c1);
                c2 = V.MultiplyAdd(x, V.Load(b + (2 * V.Count)), c2);
                c3 = V.MultiplyAdd(x, V.Load(b + (3 * V.Count)), c3);
                c4 = V.MultiplyAdd(x, V.Load(b + (4 * V.Count)), c4);
                c5 = V.MultiplyAdd(x, V.Load(b + (5 * V.Count)), c5);
                c6 = V.MultiplyAdd(x, V.Load(b + (6 * V.Count)), c6);
                c7 = V.MultiplyAdd(x, V.Load(b + (7 * V.Count)), c7);
            }

            V.Store(c0, c);
            V.Store(c1, c + V.Count);
            V.Store(c2, c + (2 * V.Count));
            V.Store(c3, c + (3 * V.Count));
            V.Store(c4, c + (4 * V.Count));
            V.Store(c5, c + (5 * V.Count));
            V.Store(c6, c + (6 * V.Count));
            V.Store(c7, c + (7 * V.Count));
        }

        Rest(inner, column, width, factors, vectors, sum, start);
    }

    /// <summary>Four rows by two vectors, held in registers over all vectors.</summary>
    static void Tile(int inner, in Factors factors, float* b, nint bStep, float* c, nint cRow, bool start)
    {
        float* c0 = c, c1 = c + cRow, c2 = c1 + cRow, c3 = c2 + cRow, a = factors.First;
        V c00 = Start<V>(c0, start), c01 = Start<V>(c0 + V.Count, start), c10 = Start<V>(c1, start), c11 = Start<V>(c1 + V.Count, start);
        V c20 = Start<V>(c2, start), c21 = Start<V>(c2 + V.Count, start), c30 = Start<V>(c3, start), c31 = Start<V>(c3 + V.Count, start);
        nint aRow = factors.RowStride, aStep = factors.StepStride;
        for (var k = 0; k < inner; k++, a += aStep, b += bStep)
        {
            V b0 = V.Load(b), b1 = V.Load(b + V.Count), x;
            x = V.Splat(a[0]);
            c00 = V.MultiplyAdd(x, b0, c00);
            c01 = V.MultiplyAdd(x, b1, c01);
            x = V.Splat(a[aRow]);
            c10 = V.MultiplyAdd(x, b0, c10);
            c11 = V.MultiplyAdd(x, b1, c11);
            x = V.Splat(a[2 * aRow]);
            c20 = V.MultiplyAdd(x, b0, c20);
            c21 = V.MultiplyAdd(x, b1, c21);
            x = V.Splat(a[3 * aRow]);
            c30 = V.MultiplyAdd(x, b0, c30);
            c31 = V.MultiplyAdd(x, b1, c31);
        }

        V.Store(c00, c0);
        V.Store(c01, c0 + V.Count);
        V.Store(c10, c1);
        V.Store(c11, c1 + V.Count);
        V.Store(c20, c2);
        V.Store(c21, c2 + V.Count);
        V.Store(c30, c3);
        V.Store(c31, c3 + V.Count);
    }

    /// <summary>The columns of one row that are left over.</summary>
    static void Rest(int inner, int column, int width, in Factors factors, TimeVectors vectors, float* sum, bool start)
    {
        for (; column <= width - V.Count; column += V.Count) Column<V>(inner, factors, vectors.First + column, vectors.Stride, sum + column, start);
        for (; column <= width - Lanes4.Count; column += Lanes4.Count)
            Column<Lanes4>(inner, factors, vectors.First + column, vectors.Stride, sum + column, start);
        for (; column < width; column++) Column<Lanes1>(inner, factors, vectors.First + column, vectors.Stride, sum + column, start);
    }

    static void Column<W>(int inner, in Factors factors, float* b, nint bStep, float* c, bool start)
        where W : struct, ILanes<W>
    {
        var a = factors.First;
        var sum = Start<W>(c, start);
        for (var k = 0; k < inner; k++, a += factors.StepStride, b += bStep) sum = W.MultiplyAdd(W.Splat(*a), W.Load(b), sum);
        W.Store(sum, c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static W Start<W>(float* c, bool start)
        where W : struct, ILanes<W> => start ? W.Load(c) : W.Splat(0f);
}
