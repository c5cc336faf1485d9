using System.Runtime.CompilerServices;

namespace LstmCluster.Compute.Cpu;

/// <summary>Factor k of sum r is <c>First[r*RowStride + k*StepStride]</c>.</summary>
readonly unsafe struct Factors(float* first, nint rowStride, nint stepStride)
{
    public readonly float* First = first;
    public readonly nint RowStride = rowStride, StepStride = stepStride;
}

/// <summary>
/// Sums of vectors with factors: a matrix product whose right operand is read where it stands, for operands that are used too few times to be packed.
/// </summary>
/// <remarks>Each element is one chain of fused multiply-adds in the order of the vectors, whatever the tile it belongs to.</remarks>
static unsafe class WeightedSums<V>
    where V : struct, ILanes<V>
{
    const int TileRows = 4;

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
        var column = 0;
        for (; column <= width - (2 * V.Count); column += 2 * V.Count) Pairs(rows, inner, factors, vectors, sums, column, start);
        for (; column <= width - V.Count; column += V.Count) Singles<V>(rows, inner, factors, vectors, sums, column, start);
        for (; column <= width - Lanes4.Count; column += Lanes4.Count) Singles<Lanes4>(rows, inner, factors, vectors, sums, column, start);
        for (; column < width; column++) Singles<Lanes1>(rows, inner, factors, vectors, sums, column, start);
    }

    static void Pairs(int rows, int inner, in Factors factors, TimeVectors vectors, TimeVectors sums, int column, bool start)
    {
        var row = 0;
        for (; row <= rows - TileRows; row += TileRows)
        {
            float* c0 = sums[row] + column, c1 = sums[row + 1] + column, c2 = sums[row + 2] + column, c3 = sums[row + 3] + column;
            V c00 = Start<V>(c0, start), c01 = Start<V>(c0 + V.Count, start), c10 = Start<V>(c1, start), c11 = Start<V>(c1 + V.Count, start);
            V c20 = Start<V>(c2, start), c21 = Start<V>(c2 + V.Count, start), c30 = Start<V>(c3, start), c31 = Start<V>(c3 + V.Count, start);
            float* a = factors.First + (row * factors.RowStride), b = vectors.First + column;
            nint aRow = factors.RowStride, aStep = factors.StepStride, bStep = vectors.Stride;
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

        for (; row < rows; row++)
        {
            var c = sums[row] + column;
            V c0 = Start<V>(c, start), c1 = Start<V>(c + V.Count, start);
            float* a = factors.First + (row * factors.RowStride), b = vectors.First + column;
            for (var k = 0; k < inner; k++, a += factors.StepStride, b += vectors.Stride)
            {
                var x = V.Splat(*a);
                c0 = V.MultiplyAdd(x, V.Load(b), c0);
                c1 = V.MultiplyAdd(x, V.Load(b + V.Count), c1);
            }

            V.Store(c0, c);
            V.Store(c1, c + V.Count);
        }
    }

    static void Singles<W>(int rows, int inner, in Factors factors, TimeVectors vectors, TimeVectors sums, int column, bool start)
        where W : struct, ILanes<W>
    {
        for (var row = 0; row < rows; row++)
        {
            var c = sums[row] + column;
            var sum = Start<W>(c, start);
            float* a = factors.First + (row * factors.RowStride), b = vectors.First + column;
            for (var k = 0; k < inner; k++, a += factors.StepStride, b += vectors.Stride) sum = W.MultiplyAdd(W.Splat(*a), W.Load(b), sum);
            W.Store(sum, c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static W Start<W>(float* c, bool start)
        where W : struct, ILanes<W> => start ? W.Load(c) : W.Splat(0f);
}
