namespace LstmCluster.Compute.Cpu;

/// <summary>A product over the rows of a ragged batch: those that have ended are left out, in whatever order they stand.</summary>
/// <remarks>Rows that are left are copied side by side, which costs less than it saves; each element of the product is the same chain as without.</remarks>
static unsafe class RaggedProduct<V>
    where V : struct, ILanes<V>
{
    // As many as a product keeps in the second-level cache.
    const int RowsPerBlock = 128;

    /// <summary><c>c = start + a b</c>, or <c>c += a b</c>, for the rows that have not ended; the others keep what they hold.</summary>
    /// <param name="lengths">Which rows have ended.</param>
    /// <param name="window">The time steps of a and c.</param>
    /// <param name="rows">N.</param>
    /// <param name="inner">Length of each sum.</param>
    /// <param name="outer">Columns of c.</param>
    /// <param name="a">[steps,N,inner].</param>
    /// <param name="panels">Right operand, packed by <see cref="Panels{V}"/>.</param>
    /// <param name="start">What each chain starts from, [outer], the same for every row; null: from what c holds.</param>
    /// <param name="c">[steps,N,outer].</param>
    /// <param name="scratch">Working memory.</param>
    public static void Run(in RowLengths lengths, TimeWindow window, int rows, int inner, int outer, float* a, float* panels, float* start, float* c, Scratch scratch)
    {
        if (lengths.AreFull)
        {
            var positions = window.Count * rows;
            Product<V>.Run(positions, inner, outer, LeftOperand.Rows<V>(a, positions, inner, scratch), panels, start, c, add: false);
            return;
        }

        var at = stackalloc int[RowsPerBlock];
        var count = 0;
        for (var t = window.First; t < window.End; t++)
        {
            for (var n = 0; n < rows; n++)
            {
                if (lengths.IsPadded(t, n)) continue;
                at[count++] = ((t - window.First) * rows) + n;
                if (count < RowsPerBlock) continue;
                Run(at, count, inner, outer, a, panels, start, c, scratch);
                count = 0;
            }
        }

        if (count > 0) Run(at, count, inner, outer, a, panels, start, c, scratch);
    }

    static void Run(int* at, int count, int inner, int outer, float* a, float* panels, float* start, float* c, Scratch scratch)
    {
        nint first = at[0];
        if (at[count - 1] - first == count - 1)
        {
            Product<V>.Run(count, inner, outer, LeftOperand.Rows<V>(a + (first * inner), count, inner, scratch), panels, start, c + (first * outer), add: false);
            return;
        }

        var left = scratch.Gathered((long)count * (inner + outer));
        var products = left + ((nint)count * inner);
        for (nint row = 0; row < count; row++)
        {
            Copy(a + ((nint)at[row] * inner), left + (row * inner), inner);
            if (start == null) Copy(c + ((nint)at[row] * outer), products + (row * outer), outer);
        }

        Product<V>.Run(count, inner, outer, LeftOperand.Rows<V>(left, count, inner, scratch), panels, start, products, add: false);
        for (nint row = 0; row < count; row++) Copy(products + (row * outer), c + ((nint)at[row] * outer), outer);
    }

    static void Copy(float* source, float* target, int count) => new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(target, count));
}
