using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LstmCluster.Compute.Cpu;

/// <summary>Copies operands into the order in which <see cref="ProductTile{V}"/> reads them.</summary>
static unsafe class Panels<V>
    where V : struct, ILanes<V>
{
    static int Columns => ProductTile<V>.Columns;

    /// <summary>Elements of the packed form of a right operand [inner,outer].</summary>
    public static int RightLength(int inner, int outer) => (outer + Columns - 1) / Columns * Columns * inner;

    /// <summary>Elements of the packed form of a left operand [outer,inner].</summary>
    public static int LeftLength(int inner, int outer) => (outer + V.TileRows - 1) / V.TileRows * V.TileRows * inner;

    /// <summary>Packs W [outer,inner] for <c>x W^T</c>: panel element (k,j) is <c>W[p*Columns + j, k]</c>.</summary>
    public static void PackTransposed(float* matrix, int outer, int inner, float* panels)
    {
        for (var first = 0; first < outer; first += Columns, panels += Columns * inner)
        {
            var columns = Math.Min(Columns, outer - first);
            for (var column = 0; column < columns; column++)
            {
                var source = matrix + ((long)(first + column) * inner);
                var target = panels + column;
                for (var k = 0; k < inner; k++, target += Columns) *target = source[k];
            }

            ClearTail(panels, inner, columns);
        }
    }

    /// <summary>Packs W [inner,outer] for <c>dy W</c>: panel element (k,j) is <c>W[k, p*Columns + j]</c>.</summary>
    public static void PackPlain(float* matrix, int inner, int outer, float* panels)
    {
        for (var first = 0; first < outer; first += Columns, panels += Columns * inner)
        {
            var columns = Math.Min(Columns, outer - first);
            for (var k = 0; k < inner; k++)
                CopyRow(matrix + ((long)k * outer) + first, panels + (k * Columns), columns);
            ClearTail(panels, inner, columns);
        }
    }

    /// <summary>Packs the positions of a run of time of x [T,N,outer] as a right operand, with those that count as the inner index.</summary>
    public static void PackRight(float* x, in SummedRows over, TimeWindow segment, int inner, int outer, float* panels)
    {
        for (var first = 0; first < outer; first += Columns, panels += Columns * inner)
        {
            var columns = Math.Min(Columns, outer - first);
            var target = panels;
            for (var t = segment.First; t < segment.End; t++)
            {
                var source = x + ((((long)t * over.Shape.Rows) + over.Rows.First) * outer) + first;
                for (var n = over.Rows.First; n < over.Rows.First + over.Rows.Count; n++, source += outer)
                {
                    if (over.Lengths.IsPadded(t, n)) continue;
                    CopyRow(source, target, columns);
                    target += Columns;
                }
            }

            ClearTail(panels, inner, columns);
        }
    }

    /// <summary>Packs columns of the same positions of x [T,N,width] as a left operand: tile element (k,r) is <c>x[k, first + tile*TileRows + r]</c>.</summary>
    public static void PackLeft(float* x, in SummedRows over, TimeWindow segment, int inner, int width, int first, int count, float* tiles)
    {
        for (var offset = 0; offset < count; offset += V.TileRows, tiles += V.TileRows * inner)
        {
            var columns = Math.Min(V.TileRows, count - offset);
            var target = tiles;
            for (var t = segment.First; t < segment.End; t++)
            {
                var source = x + ((((long)t * over.Shape.Rows) + over.Rows.First) * width) + first + offset;
                for (var n = over.Rows.First; n < over.Rows.First + over.Rows.Count; n++, source += width)
                {
                    if (over.Lengths.IsPadded(t, n)) continue;
                    if (columns == V.TileRows)
                    {
                        for (var lane = 0; lane < V.TileRows; lane += 4) Vector128.Load(source + lane).Store(target + lane);
                    }
                    else
                    {
                        for (var lane = 0; lane < V.TileRows; lane++) target[lane] = lane < columns ? source[lane] : 0f;
                    }

                    target += V.TileRows;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void CopyRow(float* source, float* target, int columns)
    {
        if (columns == Columns)
        {
            V.Store(V.Load(source), target);
            V.Store(V.Load(source + V.Count), target + V.Count);
        }
        else
        {
            new ReadOnlySpan<float>(source, columns).CopyTo(new Span<float>(target, columns));
        }
    }

    static void ClearTail(float* panel, int inner, int columns)
    {
        if (columns == Columns) return;
        for (var k = 0; k < inner; k++) new Span<float>(panel + (k * Columns) + columns, Columns - columns).Clear();
    }
}
