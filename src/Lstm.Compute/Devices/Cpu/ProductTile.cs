using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>
/// The inner loop of every matrix product: a few rows by two vectors, held in registers over the whole inner index.
/// </summary>
/// <remarks>
/// <c>c[r] = start[r] + sum over k of a[r,k] b[k]</c>, one chain of fused multiply-adds over ascending k for each element; with <c>add</c>
/// the finished chain is added to c in one more rounding. The chain does not depend on the number of rows of the tile, so
/// how a matrix is cut into tiles never shows in the bits.
/// The rows are written out because the accumulators must be registers, which the compiler keeps only for locals.
/// a: element (r,k) at <c>r*aRow + k*aStep</c>; b: panel, [inner, 2 vectors]; start: row stride 0 repeats one row (a bias, or zeros).
/// </remarks>
static unsafe class ProductTile<V>
    where V : struct, ILanes<V>
{
    /// <summary>Columns of a tile and of a panel.</summary>
    public static int Columns => 2 * V.Count;

    public static void Rows8(
        int inner, float* a, nint aRow, nint aStep, float* b, float* start, nint startRow, float* c, nint cRow, bool add)
    {
        V c00 = V.Load(start + 0 * startRow), c01 = V.Load(start + 0 * startRow + V.Count);
        V c10 = V.Load(start + 1 * startRow), c11 = V.Load(start + 1 * startRow + V.Count);
        V c20 = V.Load(start + 2 * startRow), c21 = V.Load(start + 2 * startRow + V.Count);
        V c30 = V.Load(start + 3 * startRow), c31 = V.Load(start + 3 * startRow + V.Count);
        V c40 = V.Load(start + 4 * startRow), c41 = V.Load(start + 4 * startRow + V.Count);
        V c50 = V.Load(start + 5 * startRow), c51 = V.Load(start + 5 * startRow + V.Count);
        V c60 = V.Load(start + 6 * startRow), c61 = V.Load(start + 6 * startRow + V.Count);
        V c70 = V.Load(start + 7 * startRow), c71 = V.Load(start + 7 * startRow + V.Count);
        for (var k = 0; k < inner; k++)
        {
            V b0 = V.Load(b), b1 = V.Load(b + V.Count), x;
            x = V.Splat(a[0 * aRow]);
            c00 = V.MultiplyAdd(x, b0, c00);
            c01 = V.MultiplyAdd(x, b1, c01);
            x = V.Splat(a[1 * aRow]);
            c10 = V.MultiplyAdd(x, b0, c10);
            c11 = V.MultiplyAdd(x, b1, c11);
            x = V.Splat(a[2 * aRow]);
            c20 = V.MultiplyAdd(x, b0, c20);
            c21 = V.MultiplyAdd(x, b1, c21);
            x = V.Splat(a[3 * aRow]);
            c30 = V.MultiplyAdd(x, b0, c30);
            c31 = V.MultiplyAdd(x, b1, c31);
            x = V.Splat(a[4 * aRow]);
            c40 = V.MultiplyAdd(x, b0, c40);
            c41 = V.MultiplyAdd(x, b1, c41);
            x = V.Splat(a[5 * aRow]);
            c50 = V.MultiplyAdd(x, b0, c50);
            c51 = V.MultiplyAdd(x, b1, c51);
            x = V.Splat(a[6 * aRow]);
            c60 = V.MultiplyAdd(x, b0, c60);
            c61 = V.MultiplyAdd(x, b1, c61);
            x = V.Splat(a[7 * aRow]);
            c70 = V.MultiplyAdd(x, b0, c70);
            c71 = V.MultiplyAdd(x, b1, c71);
            a += aStep;
            b += 2 * V.Count;
        }

        Finish(c00, c01, c + 0 * cRow, add);
        Finish(c10, c11, c + 1 * cRow, add);
        Finish(c20, c21, c + 2 * cRow, add);
        Finish(c30, c31, c + 3 * cRow, add);
        Finish(c40, c41, c + 4 * cRow, add);
        Finish(c50, c51, c + 5 * cRow, add);
        Finish(c60, c61, c + 6 * cRow, add);
        Finish(c70, c71, c + 7 * cRow, add);
    }

    public static void Rows4(
        int inner, float* a, nint aRow, nint aStep, float* b, float* start, nint startRow, float* c, nint cRow, bool add)
    {
        V c00 = V.Load(start + 0 * startRow), c01 = V.Load(start + 0 * startRow + V.Count);
        V c10 = V.Load(start + 1 * startRow), c11 = V.Load(start + 1 * startRow + V.Count);
        V c20 = V.Load(start + 2 * startRow), c21 = V.Load(start + 2 * startRow + V.Count);
        V c30 = V.Load(start + 3 * startRow), c31 = V.Load(start + 3 * startRow + V.Count);
        for (var k = 0; k < inner; k++)
        {
            V b0 = V.Load(b), b1 = V.Load(b + V.Count), x;
            x = V.Splat(a[0 * aRow]);
            c00 = V.MultiplyAdd(x, b0, c00);
            c01 = V.MultiplyAdd(x, b1, c01);
            x = V.Splat(a[1 * aRow]);
            c10 = V.MultiplyAdd(x, b0, c10);
            c11 = V.MultiplyAdd(x, b1, c11);
            x = V.Splat(a[2 * aRow]);
            c20 = V.MultiplyAdd(x, b0, c20);
            c21 = V.MultiplyAdd(x, b1, c21);
            x = V.Splat(a[3 * aRow]);
            c30 = V.MultiplyAdd(x, b0, c30);
            c31 = V.MultiplyAdd(x, b1, c31);
            a += aStep;
            b += 2 * V.Count;
        }

        Finish(c00, c01, c + 0 * cRow, add);
        Finish(c10, c11, c + 1 * cRow, add);
        Finish(c20, c21, c + 2 * cRow, add);
        Finish(c30, c31, c + 3 * cRow, add);
    }

    public static void Rows2(
        int inner, float* a, nint aRow, nint aStep, float* b, float* start, nint startRow, float* c, nint cRow, bool add)
    {
        V c00 = V.Load(start + 0 * startRow), c01 = V.Load(start + 0 * startRow + V.Count);
        V c10 = V.Load(start + 1 * startRow), c11 = V.Load(start + 1 * startRow + V.Count);
        for (var k = 0; k < inner; k++)
        {
            V b0 = V.Load(b), b1 = V.Load(b + V.Count), x;
            x = V.Splat(a[0 * aRow]);
            c00 = V.MultiplyAdd(x, b0, c00);
            c01 = V.MultiplyAdd(x, b1, c01);
            x = V.Splat(a[1 * aRow]);
            c10 = V.MultiplyAdd(x, b0, c10);
            c11 = V.MultiplyAdd(x, b1, c11);
            a += aStep;
            b += 2 * V.Count;
        }

        Finish(c00, c01, c + 0 * cRow, add);
        Finish(c10, c11, c + 1 * cRow, add);
    }

    public static void Rows1(
        int inner, float* a, nint aRow, nint aStep, float* b, float* start, nint startRow, float* c, nint cRow, bool add)
    {
        V c00 = V.Load(start + 0 * startRow), c01 = V.Load(start + 0 * startRow + V.Count);
        for (var k = 0; k < inner; k++)
        {
            V b0 = V.Load(b), b1 = V.Load(b + V.Count), x;
            x = V.Splat(a[0 * aRow]);
            c00 = V.MultiplyAdd(x, b0, c00);
            c01 = V.MultiplyAdd(x, b1, c01);
            a += aStep;
            b += 2 * V.Count;
        }

        Finish(c00, c01, c + 0 * cRow, add);
    }

    /// <summary>One row over so many panels side by side: alone, one panel's two chains would wait for each other's latency.</summary>
    public const int PanelsOfOneRow = 4;

    /// <summary>One row by <see cref="PanelsOfOneRow"/> panels, which stand <c>inner * Columns</c> elements apart.</summary>
    public static void Row1Panels4(int inner, float* a, nint aStep, float* b, float* start, float* c, bool add)
    {
        var panel = (nint)inner * Columns;
        float* d = b + panel, e = d + panel, f = e + panel;
        V c0 = V.Load(start + 0 * V.Count), c1 = V.Load(start + 1 * V.Count);
        V c2 = V.Load(start + 2 * V.Count), c3 = V.Load(start + 3 * V.Count);
        V c4 = V.Load(start + 4 * V.Count), c5 = V.Load(start + 5 * V.Count);
        V c6 = V.Load(start + 6 * V.Count), c7 = V.Load(start + 7 * V.Count);
        for (nint k = 0; k < panel; k += 2 * V.Count)
        {
            var x = V.Splat(*a);
            c0 = V.MultiplyAdd(x, V.Load(b + k), c0);
            c1 = V.MultiplyAdd(x, V.Load(b + k + V.Count), c1);
            c2 = V.MultiplyAdd(x, V.Load(d + k), c2);
            c3 = V.MultiplyAdd(x, V.Load(d + k + V.Count), c3);
            c4 = V.MultiplyAdd(x, V.Load(e + k), c4);
            c5 = V.MultiplyAdd(x, V.Load(e + k + V.Count), c5);
            c6 = V.MultiplyAdd(x, V.Load(f + k), c6);
            c7 = V.MultiplyAdd(x, V.Load(f + k + V.Count), c7);
            a += aStep;
        }

        Finish(c0, c1, c + 0 * Columns, add);
        Finish(c2, c3, c + 1 * Columns, add);
        Finish(c4, c5, c + 2 * Columns, add);
        Finish(c6, c7, c + 3 * Columns, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Finish(V left, V right, float* c, bool add)
    {
        if (add)
        {
            left = V.Load(c) + left;
            right = V.Load(c + V.Count) + right;
        }

        V.Store(left, c);
        V.Store(right, c + V.Count);
    }
}
